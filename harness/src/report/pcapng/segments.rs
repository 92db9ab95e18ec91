use super::{SERVER_PORT, Unwritable};
use etherparse::{PacketBuilder, TcpOptionElement};

/// The last octet of a client's address.
pub(super) const CLIENT: u8 = 1;
const SERVER: u8 = 2;
/// Most bytes of a packet: a frame of the size that most peers send fits, and so does what IPv4 can carry.
const SEGMENT: usize = 16 << 10;
/// With the option below, more than is ever on its way: nobody's window is full, as the tap does not know them.
const WINDOW: u16 = u16::MAX;
const WINDOW_SCALE: u8 = 14;

/// The client's port in the file, of a connection by its number among those of the cell.
pub fn client_port(connection: u32) -> u16 {
    // There are at most limits::CONNECTIONS.
    40_000_u16.wrapping_add(u16::try_from(connection % 20_000).unwrap_or_default())
}

/// What a packet says beside its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flag {
    Syn,
    SynAck,
    Ack,
    Push,
    Fin,
    Rst,
}

/// One connection, as packets.
pub(super) struct Connection {
    net: [u8; 3],
    port: u16,
    /// The next sequence number of the client and of the server.
    next: [u32; 2],
}

impl Connection {
    pub(super) fn new(net: [u8; 3], connection: u32) -> Connection {
        Connection { net, port: client_port(connection), next: [0, 0] }
    }

    /// The three packets that open it.
    pub(super) fn open(&mut self) -> Result<Vec<Vec<u8>>, Unwritable> {
        Ok(vec![self.flagged(true, Flag::Syn)?, self.flagged(false, Flag::SynAck)?, self.flagged(true, Flag::Ack)?])
    }

    /// Bytes of a side.
    pub(super) fn bytes(&mut self, from_client: bool, bytes: &[u8]) -> Result<Vec<Vec<u8>>, Unwritable> {
        bytes.chunks(SEGMENT).map(|bytes| self.packet(from_client, Flag::Push, bytes)).collect()
    }

    /// A packet without bytes.
    pub(super) fn flagged(&mut self, from_client: bool, flag: Flag) -> Result<Vec<u8>, Unwritable> {
        self.packet(from_client, flag, &[])
    }

    fn packet(&mut self, from_client: bool, flag: Flag, bytes: &[u8]) -> Result<Vec<u8>, Unwritable> {
        let failed = |error: &dyn std::fmt::Display| Unwritable::Packet(error.to_string());
        let [a, b, c] = self.net;
        let (client, server) = (([a, b, c, CLIENT], self.port), ([a, b, c, SERVER], SERVER_PORT));
        let [client_next, server_next] = self.next;
        let ((from, to), (sequence, acknowledged)) = match from_client {
            true => ((client, server), (client_next, server_next)),
            false => ((server, client), (server_next, client_next)),
        };
        let tcp = PacketBuilder::ipv4(from.0, to.0, 64).tcp(from.1, to.1, sequence, WINDOW);
        let scale = [TcpOptionElement::WindowScale(WINDOW_SCALE)];
        let tcp = match flag {
            Flag::Syn => tcp.syn().options(&scale).map_err(|error| failed(&error))?,
            Flag::SynAck => tcp.syn().ack(acknowledged).options(&scale).map_err(|error| failed(&error))?,
            Flag::Ack => tcp.ack(acknowledged),
            Flag::Push => tcp.psh().ack(acknowledged),
            Flag::Fin => tcp.fin().ack(acknowledged),
            Flag::Rst => tcp.rst().ack(acknowledged),
        };
        let mut packet = Vec::with_capacity(tcp.size(bytes.len()));
        tcp.write(&mut packet, bytes).map_err(|error| failed(&error))?;
        // SYN and FIN take a number of their own.
        let taken = match flag {
            Flag::Syn | Flag::SynAck | Flag::Fin => 1,
            Flag::Ack | Flag::Push | Flag::Rst => u32::try_from(bytes.len()).unwrap_or_default(),
        };
        let [client_next, server_next] = &mut self.next;
        let next = if from_client { client_next } else { server_next };
        *next = next.wrapping_add(taken);
        Ok(packet)
    }
}

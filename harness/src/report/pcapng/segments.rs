use super::Unwritable;
use crate::model::Side;
use etherparse::{PacketBuilder, TcpOptionElement};

/// The last octet of a client's address.
const CLIENT: u8 = 1;
const SERVER: u8 = 2;
/// Most bytes of a packet: a frame of the size that most peers send fits, and so does what IPv4 can carry.
const SEGMENT: u16 = 16 << 10;
/// With the option below, more than is ever on its way: nobody's window is full, as the tap does not know them.
const WINDOW: u16 = u16::MAX;
const WINDOW_SCALE: u8 = 14;
/// What both ends say when they open a connection.
const OPTIONS: [TcpOptionElement; 3] = [
    TcpOptionElement::MaximumSegmentSize(SEGMENT),
    TcpOptionElement::SelectiveAcknowledgementPermitted,
    TcpOptionElement::WindowScale(WINDOW_SCALE),
];

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

/// A packet, and who sends it.
pub(super) struct Packet {
    pub(super) side: Side,
    pub(super) octets: Vec<u8>,
}

/// One connection, as packets.
pub(super) struct Connection {
    client: End,
    server: End,
}

/// One end of it.
#[derive(Clone, Copy)]
struct End {
    address: [u8; 4],
    port: u16,
    /// The next sequence number.
    next: u32,
}

impl Connection {
    /// The first octets of both addresses, the connection's number, and where the server listens.
    pub(super) fn new([a, b, c]: [u8; 3], connection: u32, server: u16) -> Connection {
        // There are at most limits::CONNECTIONS of a cell.
        let client = 40_000 + u16::try_from(connection % 20_000).unwrap_or_default();
        let end = |last, port| End { address: [a, b, c, last], port, next: 0 };
        Connection { client: end(CLIENT, client), server: end(SERVER, server) }
    }

    /// The three packets that open it.
    pub(super) fn open(&mut self) -> Result<Vec<Packet>, Unwritable> {
        let handshake = [(Side::Client, Flag::Syn), (Side::Server, Flag::SynAck), (Side::Client, Flag::Ack)];
        handshake.into_iter().map(|(side, flag)| self.flagged(side, flag)).collect()
    }

    /// Bytes of a side.
    pub(super) fn bytes(&mut self, side: Side, bytes: &[u8]) -> Result<Vec<Packet>, Unwritable> {
        bytes.chunks(usize::from(SEGMENT)).map(|bytes| self.packet(side, Flag::Push, bytes)).collect()
    }

    /// A packet without bytes.
    pub(super) fn flagged(&mut self, side: Side, flag: Flag) -> Result<Packet, Unwritable> {
        self.packet(side, flag, &[])
    }

    fn packet(&mut self, side: Side, flag: Flag, bytes: &[u8]) -> Result<Packet, Unwritable> {
        let failed = |error: &dyn std::fmt::Display| Unwritable::Packet(error.to_string());
        let (from, to) = match side {
            Side::Client => (&mut self.client, self.server),
            Side::Server => (&mut self.server, self.client),
        };
        let tcp = PacketBuilder::ipv4(from.address, to.address, 64).tcp(from.port, to.port, from.next, WINDOW);
        let tcp = match flag {
            Flag::Syn => tcp.syn().options(&OPTIONS).map_err(|error| failed(&error))?,
            Flag::SynAck => tcp.syn().ack(to.next).options(&OPTIONS).map_err(|error| failed(&error))?,
            Flag::Ack => tcp.ack(to.next),
            Flag::Push => tcp.psh().ack(to.next),
            Flag::Fin => tcp.fin().ack(to.next),
            Flag::Rst => tcp.rst().ack(to.next),
        };
        let mut octets = Vec::with_capacity(tcp.size(bytes.len()));
        tcp.write(&mut octets, bytes).map_err(|error| failed(&error))?;
        // SYN and FIN take a number of their own.
        let taken = match flag {
            Flag::Syn | Flag::SynAck | Flag::Fin => 1,
            Flag::Ack | Flag::Push | Flag::Rst => u32::try_from(bytes.len()).unwrap_or_default(),
        };
        from.next = from.next.wrapping_add(taken);
        Ok(Packet { side, octets })
    }
}

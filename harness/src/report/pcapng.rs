//! Captures as a pcapng file, which Wireshark and tshark open as HTTP/2 and gRPC.

mod comments;
mod segments;

use super::ShowCell;
use crate::judge::Recording;
use crate::model::Side;
use crate::proto::v1::CaptureRecord;
use crate::proto::v1::capture_record::{Kind, Side as RecordSide};
use comments::Comments;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{InterfaceDescriptionBlock, InterfaceDescriptionOption};
use pcap_file::{DataLink, PcapError};
use segments::{Connection, Flag, Packet};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

/// Where servers listen in the file: the port that gRPC's own examples use.
pub const SERVER_PORT: u16 = 50051;
/// And over TLS: one that Wireshark takes for it.
const TLS_PORT: u16 = 443;

/// What a connection carries, as it is read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carries {
    /// HTTP/2 in the clear.
    Http2,
    /// TLS on at least one side.
    Tls,
}

/// Whose a packet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The cell's number among those of the file.
    pub cell: usize,
    /// The connection's number among those of the cell.
    pub connection: usize,
    /// Who sends it.
    pub side: Side,
    /// What is in it, or in those before and after it.
    pub carries: Carries,
}

/// A file that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// By its format.
    #[error("pcapng: {0}")]
    Format(#[from] PcapError),
    /// By that of its packets.
    #[error("TCP/IP packet: {0}")]
    Packet(String),
}

/// What taps recorded, as packets of TCP over IPv4 that might have carried it: bytes, their order and the times between them are the
/// tap's, in microseconds since it began to listen; addresses, sequence numbers and the cuts between packets are made up.
pub struct Packets {
    writer: PcapNgWriter<Vec<u8>>,
    /// Those that were added.
    cells: u16,
    origins: Vec<Origin>,
}

impl Packets {
    /// Begins a file.
    pub fn new() -> Result<Packets, Unwritable> {
        Ok(Packets { writer: PcapNgWriter::new(Vec::new())?, cells: 0, origins: Vec::new() })
    }

    /// Adds a cell's capture, as an interface of its name. What was found of a frame is a comment on the packet it ends in.
    pub fn add(
        &mut self,
        cell: &ShowCell<'_>,
        records: impl IntoIterator<Item = CaptureRecord>,
    ) -> Result<(), Unwritable> {
        let number = self.cells;
        let [high, low] = number.to_be_bytes();
        self.cells = number.wrapping_add(1);
        self.writer.write_pcapng_block(InterfaceDescriptionBlock {
            linktype: DataLink::IPV4,
            snaplen: 0,
            options: vec![
                InterfaceDescriptionOption::IfName(Cow::Borrowed(cell.id)),
                InterfaceDescriptionOption::Comment(Cow::Owned(format!("{} {}", cell.id, cell.verdict))),
                // Nanoseconds: what the crate writes.
                InterfaceDescriptionOption::IfTsResol(9),
            ],
        })?;
        let (carries, port) = match cell.recording {
            Recording::Frames(_) => (Carries::Http2, SERVER_PORT),
            Recording::Tls(_) => (Carries::Tls, TLS_PORT),
        };
        let mut comments = Comments::of(cell);
        let mut connections: BTreeMap<u32, Connection> = BTreeMap::new();
        for record in records {
            let of = record.connection;
            let connection = connections.entry(of).or_insert_with(|| Connection::new([10, high, low], of, port));
            let side = if record.side() == RecordSide::Server { Side::Server } else { Side::Client };
            let packets = match record.kind() {
                Kind::Opened => connection.open()?,
                Kind::Bytes => connection.bytes(side, &record.data)?,
                Kind::HalfClosed => vec![connection.flagged(side, Flag::Fin)?],
                Kind::Broken => vec![connection.flagged(side, Flag::Rst)?],
                Kind::Unspecified | Kind::Header | Kind::Sealed => continue,
            };
            let mut said = comments.of_bytes(&record);
            let last = packets.len().saturating_sub(1);
            for (at, Packet { side, octets }) in packets.into_iter().enumerate() {
                let said = if at == last { std::mem::take(&mut said) } else { Vec::new() };
                let connection = usize::try_from(of).unwrap_or(usize::MAX);
                self.origins.push(Origin { cell: usize::from(number), connection, side, carries });
                self.writer.write_pcapng_block(EnhancedPacketBlock {
                    interface_id: u32::from(number),
                    timestamp: Duration::from_micros(record.at_us),
                    original_len: u32::try_from(octets.len()).unwrap_or(u32::MAX),
                    data: Cow::Owned(octets),
                    options: said.into_iter().map(|text| EnhancedPacketOption::Comment(Cow::Owned(text))).collect(),
                })?;
            }
        }
        Ok(())
    }

    /// The file, and whose its packets are, in order.
    pub fn finish(self) -> (Vec<u8>, Vec<Origin>) {
        (self.writer.into_inner(), self.origins)
    }
}

#[cfg(test)]
mod tests;

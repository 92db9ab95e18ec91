use super::{Origin, Packets};
use crate::judge::Recording;
use crate::model::Side::{self, Client, Server};
use crate::model::{Fault, Finding, Level, Place};
use crate::proto::v1::CaptureRecord;
use crate::proto::v1::capture_record::{Kind, Side as RecordSide};
use crate::report::ShowCell;
use crate::wire::build::{Exchange, message};
use crate::wire::decode;
use crate::wire::flag::END_STREAM;
use bytes::Bytes;
use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketOption;
use pcap_file::pcapng::blocks::interface_description::InterfaceDescriptionOption;
use pcap_file::pcapng::{Block, PcapNgReader};
use std::collections::BTreeMap;
use std::time::Duration;

fn record(kind: Kind, connection: u32, side: Side, at_us: u64, data: impl Into<Bytes>) -> CaptureRecord {
    let side = if side == Client { RecordSide::Client } else { RecordSide::Server };
    let (kind, side) = (kind.into(), side.into());
    CaptureRecord { kind, connection, side, at_us, data: data.into(), ..CaptureRecord::default() }
}

/// Two connections at once, with a message that takes several packets; one ends in order and one does not.
fn records() -> Vec<CaptureRecord> {
    let exchange = Exchange::new()
        .preface()
        .settings(Client, &[])
        .headers(Client, 1, 0, &[(":method", "POST"), (":path", "/a.B/C")])
        .data(Client, 1, END_STREAM, message(0, vec![7; 40_000]));
    let mut records = vec![CaptureRecord { kind: Kind::Header.into(), format: 1, ..CaptureRecord::default() }];
    records.push(record(Kind::Opened, 0, Client, 10, ""));
    records.push(record(Kind::Opened, 1, Client, 20, ""));
    for step in exchange.steps() {
        let crate::wire::build::Step::Bytes { side, at_us, bytes } = step else { panic!("only bytes") };
        records.extend([0, 1].map(|connection| record(Kind::Bytes, connection, *side, 1_000 + at_us, bytes.clone())));
    }
    records.push(record(
        Kind::Bytes,
        0,
        Server,
        5_000,
        Exchange::new().settings(Server, &[]).steps().len().to_string(),
    ));
    records.push(record(Kind::HalfClosed, 0, Client, 6_000, ""));
    records.push(record(Kind::HalfClosed, 0, Server, 6_500, ""));
    records.push(record(Kind::Broken, 1, Server, 7_000, ""));
    records.push(CaptureRecord { kind: Kind::Sealed.into(), ..CaptureRecord::default() });
    records
}

/// One packet as a reader finds it.
#[derive(Debug)]
struct Found {
    interface: u32,
    at: Duration,
    from: ([u8; 4], u16),
    to: ([u8; 4], u16),
    /// SYN, FIN, RST.
    flags: (bool, bool, bool),
    sequence: u32,
    acknowledged: Option<u32>,
    payload: Vec<u8>,
    comments: Vec<String>,
}

/// Names of the interfaces, and the packets; their checksums are right.
fn read(file: &[u8]) -> (Vec<String>, Vec<Found>) {
    let mut reader = PcapNgReader::new(file).unwrap();
    let (mut names, mut packets) = (Vec::new(), Vec::new());
    while let Some(block) = reader.next_block() {
        let block = block.unwrap();
        if let Block::InterfaceDescription(interface) = block {
            names.extend(interface.options.into_iter().find_map(|option| {
                if let InterfaceDescriptionOption::IfName(name) = option { Some(name.into_owned()) } else { None }
            }));
        } else if let Block::EnhancedPacket(packet) = block {
            let comments = packet.options.iter().filter_map(|option| {
                if let EnhancedPacketOption::Comment(text) = option { Some(text.to_string()) } else { None }
            });
            packets.push(found(packet.interface_id, packet.timestamp, &packet.data, comments.collect()));
        } else {
            panic!("{block:?}");
        }
    }
    (names, packets)
}

fn found(interface: u32, at: Duration, octets: &[u8], comments: Vec<String>) -> Found {
    let sliced = SlicedPacket::from_ip(octets).unwrap();
    let Some(NetSlice::Ipv4(ip)) = &sliced.net else { panic!("IPv4") };
    let ip = ip.header().to_header();
    assert_eq!(ip.header_checksum, ip.calc_header_checksum());
    assert_eq!(usize::from(ip.total_len), octets.len());
    let Some(TransportSlice::Tcp(tcp)) = &sliced.transport else { panic!("TCP") };
    assert_eq!(tcp.checksum(), tcp.calc_checksum_ipv4(ip.source, ip.destination).unwrap());
    Found {
        interface,
        at,
        from: (ip.source, tcp.source_port()),
        to: (ip.destination, tcp.destination_port()),
        flags: (tcp.syn(), tcp.fin(), tcp.rst()),
        sequence: tcp.sequence_number(),
        acknowledged: tcp.ack().then(|| tcp.acknowledgment_number()),
        payload: tcp.payload().to_vec(),
        comments,
    }
}

fn packets(cells: &[&str], findings: &[Finding]) -> (Vec<u8>, Vec<Origin>) {
    let recording = Recording::Frames(decode(records()).unwrap());
    let mut packets = Packets::new().unwrap();
    for id in cells {
        let cell = ShowCell { id, verdict: "pass", recording: &recording, findings };
        packets.add(&cell, records()).unwrap();
    }
    packets.finish()
}

#[test]
fn the_packets_of_each_direction_carry_its_bytes_without_gap() {
    let (file, origins) = packets(&["one/a/b/plaintext", "two/a/b/plaintext"], &[]);
    let (names, found) = read(&file);
    assert_eq!(names, ["one/a/b/plaintext", "two/a/b/plaintext"]);
    assert_eq!(found.len(), origins.len());
    let mut carried: BTreeMap<(usize, usize, Side), Vec<u8>> = BTreeMap::new();
    // What each end sends next, by both ends.
    let mut next: BTreeMap<_, u32> = BTreeMap::new();
    for (packet, origin) in found.iter().zip(&origins) {
        assert_eq!(packet.interface as usize, origin.cell);
        let (server, client) = match origin.side {
            Client => (packet.to, packet.from),
            Server => (packet.from, packet.to),
        };
        assert_eq!((server.1, client.1), (50_051, 40_000 + origin.connection as u16));
        let expected = next.entry((packet.from, packet.to)).or_default();
        assert_eq!(packet.sequence, *expected, "{packet:?}");
        let (syn, fin, _) = packet.flags;
        *expected += packet.payload.len() as u32 + u32::from(syn) + u32::from(fin);
        let others = next.get(&(packet.to, packet.from)).copied();
        assert_eq!(packet.acknowledged, others, "all that was seen of the other side");
        carried.entry((origin.cell, origin.connection, origin.side)).or_default().extend(&packet.payload);
    }
    let mut recorded: BTreeMap<(usize, usize, Side), Vec<u8>> = carried.keys().map(|key| (*key, Vec::new())).collect();
    for record in records().into_iter().filter(|record| record.kind() == Kind::Bytes) {
        let side = if record.side() == RecordSide::Client { Client } else { Server };
        for cell in [0, 1] {
            recorded.get_mut(&(cell, record.connection as usize, side)).unwrap().extend(&record.data);
        }
    }
    assert_eq!(carried, recorded);
}

#[test]
fn times_are_the_taps_and_ends_are_told() {
    let (file, origins) = packets(&["one/a/b/plaintext"], &[]);
    let (_, found) = read(&file);
    let of = |connection| found.iter().zip(&origins).filter(move |(_, origin)| origin.connection == connection);
    let us = |us| Duration::from_micros(us);
    let ends = |connection| {
        let ends = of(connection).filter(|(packet, _)| packet.flags.1 || packet.flags.2);
        ends.map(|(packet, origin)| (origin.side, packet.at, packet.flags.2)).collect::<Vec<_>>()
    };
    assert_eq!(ends(0), [(Client, us(6_000), false), (Server, us(6_500), false)]);
    assert_eq!(ends(1), [(Server, us(7_000), true)]);
    let opened: Vec<_> = of(1).take(3).map(|(packet, origin)| (origin.side, packet.at, packet.flags.0)).collect();
    assert_eq!(opened, [(Client, us(20), true), (Server, us(20), true), (Client, us(20), false)]);
    // 9 octets of frame, 5 of message and 40,000: cut at 16 KiB.
    let cut: Vec<_> = of(0).map(|(packet, _)| packet.payload.len()).filter(|length| *length > 1_000).collect();
    assert_eq!(cut, [16_384, 16_384, 9 + 5 + 40_000 - 2 * 16_384]);
}

#[test]
fn what_was_found_of_a_frame_is_a_comment_on_the_packet_it_ends_in() {
    let recording = decode(records()).unwrap();
    let frame = recording.connections[1].frames.last().unwrap().index;
    let finding = Finding {
        check: "W9".into(),
        level: Level::Must,
        fault: Fault::Client,
        expected: "this".into(),
        observed: "that".into(),
        place: Some(Place { connection: 1, frame }),
    };
    let (file, origins) = packets(&["one/a/b/plaintext"], &[finding]);
    let (_, found) = read(&file);
    let said: Vec<_> = found.iter().zip(&origins).filter(|(packet, _)| !packet.comments.is_empty()).collect();
    let [(packet, origin)] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(packet.comments, ["W9 (must) at fault: client; expected this; observed that"]);
    assert_eq!((origin.connection, packet.payload.len()), (1, 9 + 5 + 40_000 - 2 * 16_384));
}

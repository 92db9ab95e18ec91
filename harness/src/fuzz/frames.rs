use super::bounds;
use super::input::Input;
use crate::model::Side;
use crate::wire::{Budget, Connection, ConnectionDecoder, Decoder, Layer, PREFACE};
use bytes::Bytes;

/// Octets of a frame before its payload.
const FRAME_HEADER: usize = 9;

/// The bytes of one direction: read as frames they give the same however they are cut, and each octet is in a frame, in the preface or
/// left over.
pub fn frames(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let options = input.octet();
    let side = if options & 1 == 0 { Side::Client } else { Side::Server };
    let cuts = input.cuts();
    let preface: &[u8] = if options & 3 == 0 { PREFACE } else { &[] };
    let octets = [preface, input.rest()].concat();
    let whole = decode(side, &[&octets]);
    assert_eq!(whole, decode(side, &cuts.pieces(&octets)));
    bounds::connection(&whole);
    every_octet_is_somewhere(&whole, side, octets.len());
}

fn decode(side: Side, pieces: &[&[u8]]) -> Connection {
    let mut decoder = ConnectionDecoder::new(0, &Budget::default());
    pieces.iter().for_each(|piece| decoder.push(side, 0, Bytes::copy_from_slice(piece)));
    decoder.finish()
}

fn every_octet_is_somewhere(connection: &Connection, side: Side, octets: usize) {
    let in_frames: usize = connection.frames.iter().map(|frame| FRAME_HEADER + frame.length as usize).sum();
    let in_preface = if connection.preface { PREFACE.len() } else { 0 };
    let rest = octets.checked_sub(in_frames + in_preface).expect("no octet is in two places");
    let foreign = |layer: Layer, frame: Option<usize>| layer == Layer::Framing && frame.is_none();
    if connection.defects.iter().any(|defect| foreign(defect.layer, defect.frame)) {
        return;
    }
    match connection.pending.of(side) {
        Some(begun) => assert!(rest < FRAME_HEADER + begun.length as usize),
        None if side == Side::Client && !connection.preface => assert!(rest < PREFACE.len()),
        None => assert!(rest < FRAME_HEADER),
    }
}

use super::Broken;
use super::framing::defects;
use super::limit::Limit;
use crate::model::Side;
use crate::wire::{Connection, HeaderBlock, Layer, setting};
use std::collections::BTreeSet;

/// The dynamic table before any SETTINGS, bytes (RFC 9113 section 6.5.2).
const FIRST_TABLE: u32 = 4_096;

pub(super) fn h2(connection: &Connection) -> Vec<Broken> {
    let of_framing = connection.defects.iter().filter(|defect| defect.layer == Layer::Framing);
    let framing: BTreeSet<Option<usize>> = of_framing.map(|defect| defect.frame).collect();
    let mut broken = defects(connection, Layer::HeaderCompression, "header blocks that HPACK can decode");
    broken.retain(|broken| !framing.contains(&broken.frame));
    broken.extend(Side::BOTH.into_iter().filter_map(|side| table_size(connection, side)));
    broken
}

/// The first header block of a side whose dynamic table is larger than its receiver allows: it sets it so, or has not
/// lowered it since it acknowledged a lower limit (RFC 9113 section 4.3.1, RFC 7541 sections 4.2 and 6.3).
fn table_size(connection: &Connection, side: Side) -> Option<Broken> {
    let limit = Limit::new(side.other(), setting::HEADER_TABLE_SIZE, FIRST_TABLE).course(connection);
    let mut blocks: Vec<&HeaderBlock> =
        connection.streams.values().flat_map(|stream| &stream.half(side).headers).collect();
    blocks.sort_by_key(|block| block.first_frame);
    let mut size = FIRST_TABLE;
    blocks.into_iter().find_map(|block| {
        size = block.table_sizes.last().copied().unwrap_or(size);
        let largest = block.table_sizes.iter().copied().fold(size, u32::max);
        let most = limit.before(block.first_frame);
        let expected = || format!("a dynamic table of at most {most} bytes, the receiver's SETTINGS_HEADER_TABLE_SIZE");
        (largest > most).then(|| Broken::new(side, block.first_frame, expected(), format!("one of {largest} bytes")))
    })
}

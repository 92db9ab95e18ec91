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
    broken
}

pub(super) fn w20(connection: &Connection) -> Vec<Broken> {
    Side::BOTH.into_iter().filter_map(|side| table_size(connection, side)).collect()
}

/// The first header block of a side that sets its dynamic table as it may not, or does not set it though it must (RFC 9113
/// section 4.3.1, RFC 7541 section 4.2).
fn table_size(connection: &Connection, side: Side) -> Option<Broken> {
    let mut limit = Limit::new(side.other(), setting::HEADER_TABLE_SIZE, FIRST_TABLE);
    let mut table = Table { size: FIRST_TABLE, lowest: FIRST_TABLE };
    let mut blocks: Vec<&HeaderBlock> =
        connection.streams.values().flat_map(|stream| &stream.half(side).headers).collect();
    blocks.sort_by_key(|block| block.first_frame);
    let mut blocks = blocks.into_iter().peekable();
    connection.frames.iter().find_map(|frame| {
        limit.see(frame);
        table.lowest = table.lowest.min(limit.acknowledged());
        let block = blocks.next_if(|block| block.first_frame == frame.index)?;
        let (expected, observed) = table.see(block, &limit)?;
        Some(Broken::new(side, block.first_frame, expected, observed))
    })
}

/// The dynamic table of an encoder.
struct Table {
    /// What it was set to, bytes.
    size: u32,
    /// The lowest limit acknowledged since the last header block, or by then.
    lowest: u32,
}

impl Table {
    /// The next header block: what should have been, and what is there instead.
    fn see(&mut self, block: &HeaderBlock, limit: &Limit) -> Option<(String, String)> {
        let of_bytes = |size: &u32| format!("one of {size} bytes");
        let (sizes, most) = (&block.table_sizes, limit.in_force());
        let (smallest, largest) = (sizes.iter().min(), sizes.iter().max());
        let wrong = if block.late_table_size {
            let expected = "a dynamic table size update before all fields of its header block";
            Some((expected.to_owned(), "one behind a field".to_owned()))
        } else if let Some(largest) = largest.filter(|largest| **largest > most) {
            let expected =
                format!("a dynamic table of at most {most} bytes, the receiver's SETTINGS_HEADER_TABLE_SIZE");
            Some((expected, of_bytes(largest)))
        } else if self.lowest < self.size && smallest.is_none_or(|smallest| *smallest > self.lowest) {
            let expected = format!("a dynamic table size update to at most {} bytes, as was acknowledged", self.lowest);
            Some((expected, smallest.map_or_else(|| "none".to_owned(), of_bytes)))
        } else {
            None
        };
        self.size = sizes.last().copied().unwrap_or(self.size);
        self.lowest = limit.acknowledged();
        wrong
    }
}

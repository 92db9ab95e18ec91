use super::{Difference, Said};
use crate::report::{escape, plural};
use serde::Serialize;
use std::fmt::Write;

/// What came of holding two decoders against each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// The run whose captures were read.
    pub run: String,
    /// The cells of the sample.
    pub cells: Vec<String>,
    /// Cases of the run with no evidence in any cell.
    pub without: Vec<String>,
    /// How much was compared.
    pub compared: Compared,
    /// What is not the same.
    pub differences: Vec<Difference>,
}

/// How much was compared, as this harness counts it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Frames, and records of TLS.
    pub frames: usize,
    /// Header lists, and hellos of TLS.
    pub headers: usize,
    /// Messages.
    pub messages: usize,
    /// RST_STREAM frames.
    pub resets: usize,
}

impl Compared {
    /// Counts what a decoder says.
    pub fn of(said: &Said) -> Compared {
        said.values().fold(Compared::default(), |all, sent| Compared {
            frames: all.frames + sent.frames.len(),
            headers: all.headers + sent.headers.len(),
            messages: all.messages + sent.messages.len(),
            resets: all.resets + sent.resets.len(),
        })
    }
}

impl Verified {
    /// As a person reads it: what was compared, then every difference.
    pub fn text(&self) -> String {
        let Compared { frames, headers, messages, resets } = self.compared;
        let mut text = format!(
            "{} of run {}, one of each case: {}, {}, {}, {}\n",
            plural(self.cells.len(), "cell"),
            escape(&self.run),
            plural(frames, "frame"),
            plural(headers, "header list"),
            plural(messages, "message"),
            plural(resets, "reset")
        );
        if !self.without.is_empty() {
            let _ = writeln!(text, "no evidence in any cell of {}", self.without.join(", "));
        }
        for Difference { direction, what, ours, theirs } in &self.differences {
            let cell = self.cells.get(direction.cell).map_or("", String::as_str);
            let _ = writeln!(text, "\n{cell} {direction}: {what}");
            let _ = writeln!(text, "  ours    {}\n  tshark  {}", escape(ours), escape(theirs));
        }
        match self.differences.len() {
            0 => text.push_str("tshark reads the same\n"),
            count => _ = writeln!(text, "\n{} from tshark", plural(count, "difference")),
        }
        text
    }
}

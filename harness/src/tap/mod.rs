//! The tap: a TCP relay with one listener per cell that records every byte before it forwards it, and the capture files it
//! leaves.

mod capture;
mod recorder;
mod relay;
mod throughput;

pub use capture::{CaptureError, read_capture};
pub use recorder::{Recorder, Sink};
pub use relay::{Tap, Upstream};
pub use throughput::{Throughput, throughput};

//! The tap: a TCP relay with one listener per cell that records every byte before it forwards it, and the capture files it
//! leaves.

mod capture;
mod journal;
mod recorder;
mod relay;
mod squeeze;
mod throughput;

use journal::Journal;
use recorder::Recorder;

pub use capture::{CaptureError, read_capture};
pub use relay::{Tap, Upstream};
pub use throughput::{Throughput, Traffic, throughput};

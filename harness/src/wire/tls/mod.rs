//! What a relay can read of TLS without keys: records, the two hellos, alerts before encryption. Everything else is
//! lengths and times.

mod alert;
mod application_data;
pub mod build;
mod decode;
mod extensions;
mod hello;
mod hello_reader;
mod splitter;
mod transcript;
mod version;

pub use alert::Alert;
pub use decode::TlsDecoder;
pub use hello::{ClientHello, ServerHello};
pub use transcript::{HelloDefect, NotTls, RecordKind, TlsConnection, TlsHalf, TlsRecord, TlsTranscript};
pub use version::TlsVersion;

#[cfg(test)]
mod tests;

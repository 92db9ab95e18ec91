//! The values that facts have in words of ours.

/// [`Name::Answer`](super::Name::Answer): the usual one.
pub(super) const HEADERS_AND_TRAILERS: &str = "headers and trailers";
/// [`Name::Answer`](super::Name::Answer): one block of headers ends the call.
pub(super) const TRAILERS_ONLY: &str = "trailers only";
/// [`Name::End`](super::Name::End): on the frame that ends a message.
pub(super) const WITH_MESSAGE: &str = "with the last message";
/// [`Name::End`](super::Name::End): on an empty DATA frame.
pub(super) const BY_ITSELF: &str = "by itself";
/// [`Name::End`](super::Name::End): on the HEADERS frame.
pub(super) const WITH_HEADERS: &str = "with the headers";
/// [`Name::Binary`](super::Name::Binary): as senders should write it.
pub(super) const BASE64: &str = "base64";
/// [`Name::Binary`](super::Name::Binary): with the padding that receivers must accept.
pub(super) const PADDED: &str = "base64 with padding";
/// [`Name::Binary`](super::Name::Binary): as C core does to those that announce that they take it.
pub(super) const RAW: &str = "raw octets";
/// A value that is another one each time.
pub(super) const ANY: &str = "#";

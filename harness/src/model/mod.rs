//! Pure types: the vocabulary every other module speaks. No I/O, no clock, no async.

mod backend_kind;
mod call;
mod case;
mod cell;
mod event;
mod finding;
mod ledger;
mod level;
mod pattern;
mod peer;
mod role;
mod side;
mod status;
mod verdict;
mod written;

pub use backend_kind::BackendKind;
pub use call::{CallKind, Method};
pub use case::{
    Authority, Call, Case, ClientTls, Compressed, Compressor, Connect, Direction, EchoStatus, Expect, Expires, Header,
    Lengths, Receive, Response, Send, Step, Tier, WireEvent, WireRule, WireStatus,
};
pub use cell::{CaseId, CellId, PeerId, Transport};
pub use event::{CellFailure, ClientExit, Event, Lack, PlannedCell, Totals};
pub(crate) use event::{is_first, is_once, once};
pub use finding::{Fault, Finding, Place};
pub use ledger::{Fails, Ledger, LedgerEntry, Scope};
pub use level::Level;
pub use pattern::Pattern;
pub use peer::{BlindField, BlindSpot, BuiltInTls, Driver, Local, Peer, RoleSpec, Unsupported, Variant, When};
pub use role::{Role, SERVER_NAME, ServerConfig};
pub use side::Side;
pub use status::StatusCode;
pub use verdict::{Evidence, Verdict};

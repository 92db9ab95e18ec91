use super::args::ShowArgs;
use super::commands::print_json;
use crate::report::{Packets, ShowCell, View, show, shown};
use crate::tap::read_capture;
use std::path::Path;

/// How traffic is given out.
pub(super) enum Output<'a> {
    /// Printed for a person.
    Text(View),
    /// Printed as data.
    Json(View),
    /// Written to a file that Wireshark opens.
    Pcapng(&'a Path),
}

impl Output<'_> {
    /// What was asked for.
    pub(super) fn of(args: &ShowArgs) -> Output<'_> {
        let view = if args.frames { View::Frames } else { View::Calls };
        match &args.pcapng {
            Some(file) => Output::Pcapng(file),
            None if args.json => Output::Json(view),
            None => Output::Text(view),
        }
    }

    /// Gives out a cell's traffic, which is in a capture.
    pub(super) fn give(&self, cell: &ShowCell<'_>, capture: &Path) -> Result<(), String> {
        match self {
            Output::Text(view) => print!("{}", show(&shown(cell, *view))),
            Output::Json(view) => _ = print_json(&shown(cell, *view)),
            Output::Pcapng(file) => {
                let records = read_capture(capture).map_err(|error| error.to_string())?;
                let mut packets = Packets::new().map_err(|error| error.to_string())?;
                packets.add(cell, records).map_err(|error| format!("{}: {error}", capture.display()))?;
                std::fs::write(file, packets.finish().0).map_err(|error| format!("{}: {error}", file.display()))?;
                eprintln!("{}: open it with Wireshark, or: tshark -r {0} -Y http2", file.display());
            }
        }
        Ok(())
    }
}

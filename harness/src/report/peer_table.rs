use crate::model::{Peer, Unsupported};
use std::fmt::Write;

/// The peers as a Markdown table: what each is, and what it cannot do and why. README.md has it, and a test holds it to that.
pub fn peer_table<'a>(peers: impl Iterator<Item = &'a Peer>) -> String {
    let mut text = "| peer | language | library | HTTP/2 by | what it cannot do, and why |\n".to_owned();
    text.push_str("| --- | --- | --- | --- | --- |\n");
    for peer in peers {
        let Peer { name, language, library, version, link, .. } = peer;
        let core = if peer.core.is_empty() { "not said" } else { &peer.core };
        let lacks: Vec<String> = peer.unsupported.iter().map(lack).collect();
        let lacks = if lacks.is_empty() { "nothing".to_owned() } else { lacks.join("<br>") };
        let _ = writeln!(text, "| {name} | {language} | [{library} {version}]({link}) | {core} | {lacks} |");
    }
    text
}

fn lack(entry: &Unsupported) -> String {
    let Unsupported { feature, role, reason, link } = entry;
    // A bar or a line's end would end the table's cell.
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    format!("{role}: [`{feature}`]({link}). {reason}")
}

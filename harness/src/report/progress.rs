use super::tally::Tally;
use super::text::{escape, escape_lines, plural, printable};
use crate::model::{CellId, Event, Verdict};
use crate::run::Consumer;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};

/// What happens, while it happens, on standard error: one live line on a terminal, elsewhere a line for each pair that is done. A cell
/// that is not as expected has a line of its own at once.
pub struct Progress {
    bar: Option<ProgressBar>,
    out: Box<dyn Write + Send>,
    tally: Tally,
    /// What the environment did to cells, each told once.
    infra: BTreeSet<String>,
    repeat: u32,
    /// What has been told of cells, where they run in rounds.
    told: BTreeSet<(CellId, Verdict)>,
}

impl Progress {
    /// Progress for standard error as it is.
    pub fn stderr() -> Progress {
        Progress { bar: std::io::stderr().is_terminal().then(bar), ..Progress::plain(Box::new(std::io::stderr())) }
    }

    /// Plain lines to a writer.
    pub fn plain(out: Box<dyn Write + Send>) -> Progress {
        let (infra, told) = (BTreeSet::new(), BTreeSet::new());
        Progress { bar: None, out, tally: Tally::default(), infra, repeat: 1, told }
    }

    fn is_new(&mut self, cell: &CellId, verdict: Verdict) -> bool {
        self.repeat == 1 || self.told.insert((cell.clone(), verdict))
    }

    fn line(&mut self, line: &str) {
        let line = printable(line);
        // Progress that cannot be shown is no reason to end a run.
        match &self.bar {
            Some(bar) => bar.suspend(|| drop(writeln!(self.out, "{line}"))),
            None => drop(writeln!(self.out, "{line}")),
        }
    }

    /// Something short-lived: shown on a terminal's live line, nowhere else.
    fn live(&self, text: String) {
        if let Some(bar) = &self.bar {
            bar.set_message(printable(&text));
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(std::time::Duration::from_millis(120));
    bar
}

impl Consumer for Progress {
    fn consume(&mut self, event: &Event) {
        match event {
            Event::RunStarted { run, backend, repeat, .. } => {
                self.repeat = *repeat;
                self.line(&format!("run {run} on {backend}"));
            }
            Event::Planned { cells, absent, .. } => {
                self.tally = Tally::of(cells, self.repeat);
                let run = cells.iter().filter(|planned| planned.runs()).count();
                let absent: usize = absent.values().sum();
                let times = if self.repeat > 1 { format!(", each {} times", self.repeat) } else { String::new() };
                self.line(&format!(
                    "{} planned, {run} of them run{times}; {absent} absent",
                    plural(cells.len(), "cell")
                ));
            }
            Event::Note { text } => self.line(&escape(text)),
            Event::BuildOutput { peer, line } => {
                if self.bar.is_some() {
                    self.live(format!("building {peer}: {}", escape(line)));
                } else {
                    self.line(&format!("[{peer}] {}", escape(line)));
                }
            }
            Event::PeerBuilt { peer, artifact, cached: false, duration_ms } => {
                self.line(&format!("{peer}: built {artifact} in {} s", duration_ms / 1000));
            }
            Event::PeerBuilt { peer, cached: true, .. } => self.live(format!("{peer}: built already")),
            Event::PeerStarted { peer, role, version, duration_ms } => {
                let version = version.as_deref().map_or(String::new(), |version| format!(" {}", escape(version)));
                self.line(&format!("{peer} {role}{version} up in {duration_ms} ms"));
            }
            Event::PeerFailed { peer, role, reason } => {
                self.line(&format!("{peer} {role} failed: {}", escape_lines(reason, "  ")));
            }
            Event::PeerDied { peer, role, detail } => {
                self.line(&format!("{peer} {role} died and is started again: {}", escape_lines(detail, "  ")));
            }
            Event::CellRecorded { .. } => {}
            Event::CellJudged { cell, round, verdict, duration_ms, reason, .. } => {
                let done = self.tally.judged(cell, *verdict);
                let count = self.tally.count();
                let again = *verdict == Verdict::InfraError && !self.infra.insert(reason.clone());
                // Of rounds that come out alike the first is told.
                if has_a_line(*verdict) && !again && self.is_new(cell, *verdict) {
                    let round = if self.repeat > 1 { format!(" round {round}") } else { String::new() };
                    self.line(&format!("{count:>9} {verdict:11} {cell}{round} {duration_ms} ms {}", escape(reason)));
                }
                match done {
                    _ if self.bar.is_some() => self.live(format!("{count} {cell}")),
                    Some(pair) => self.line(&format!("{count:>9} {pair}")),
                    None => {}
                }
            }
            Event::PeerStopped { .. } => self.live("stopping".to_owned()),
            Event::RunFinished { .. } => {
                if let Some(bar) = self.bar.take() {
                    bar.finish_and_clear();
                }
            }
        }
    }
}

/// What is as expected is only counted, and so is what the end of a run leaves over.
fn has_a_line(verdict: Verdict) -> bool {
    match verdict {
        Verdict::Fail | Verdict::Xpass | Verdict::Flaky | Verdict::Timeout | Verdict::InfraError => true,
        Verdict::Pass | Verdict::Xfail | Verdict::Unsupported | Verdict::Skipped => false,
    }
}

use super::played::Played;
use super::project::{CASES, SmallProject, recorded};
use crate::backend::fake::{Act, Breaks, Diary, Entry, Fake};
use crate::model::Event;
use crate::run::{Consumer, EventLog, Limits, RunFolder, RunSettings, read_events, run};
use std::time::Duration;
use tokio::sync::watch;

/// A run to be played: which peers and cases, and where it breaks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage {
    pub(super) cases: &'static [&'static str],
    /// The case whose jobs have little time.
    pub(super) short: Option<&'static str>,
    /// The only clients, and the only servers; all of them where none are named.
    pub(super) clients: &'static [&'static str],
    pub(super) servers: &'static [&'static str],
    pub(super) breaks: Option<Breaks>,
    pub(super) limits: Limits,
}

/// All peers, all cases, and nothing breaks.
pub(super) const WHOLE: Stage =
    Stage { cases: &CASES, short: None, clients: &[], servers: &[], breaks: None, limits: LIMITS };

/// So much time that a busy machine does not matter.
pub(super) const LIMITS: Limits =
    Limits { ready: Duration::from_secs(60), backend: Duration::from_secs(60), run: Duration::from_secs(600) };

/// So many pairs run at once: all there are.
const PARALLEL: usize = 4;

impl Stage {
    /// Plays it to its end.
    pub(super) async fn play(self) -> Played {
        self.play_until(async |_| std::future::pending().await).await
    }

    /// Plays it until a moment that the diary tells of, and interrupts it then.
    pub(super) async fn play_until(self, moment: impl AsyncFnOnce(&Diary)) -> Played {
        let small = SmallProject::new(self.cases, self.short);
        let plan = small.plan(self.clients, self.servers);
        let backend = Fake::new(Act::read(&recorded().join("cells/empty_unary/go/go/plaintext")), self.breaks);
        let folder = RunFolder::create(small.root(), "run").unwrap();
        let log = EventLog::create(&folder.events(), vec![Box::new(Writer(backend.diary.clone()))]).unwrap();
        let (root, project) = (small.root(), &small.project);
        let settings = RunSettings { root, project, plan: &plan, parallel: PARALLEL, limits: self.limits };
        let (interrupt, interrupted) = watch::channel(false);
        let interrupting = async {
            moment(&backend.diary).await;
            interrupt.send_replace(true);
            std::future::pending().await
        };
        let result = tokio::select! {
            result = run(&settings, &backend, &folder, &log, interrupted) => result,
            result = interrupting => result,
        };
        log.close().unwrap();
        let events = read_events(&folder.events()).unwrap();
        Played { plan, folder, events, diary: backend.diary.entries(), result, _small: small }
    }
}

/// Writes verdicts into the diary as they come.
struct Writer(Diary);

impl Consumer for Writer {
    fn consume(&mut self, event: &Event) {
        if let Event::CellJudged { .. } = event {
            self.0.write(Entry::Judged);
        }
    }
}

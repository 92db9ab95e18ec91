use super::played::Played;
use super::project::{CASES, SmallProject, recorded};
use crate::backend::fake::{Act, Breaks, Diary, Entry, Fake};
use crate::model::Event;
use crate::run::{Consumer, EventLog, Forms, Limits, RunFolder, RunSettings, read_events, run};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
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
    /// How often each cell is run.
    pub(super) repeat: u32,
    /// Files of the run folder whose disk is full.
    pub(super) full: &'static [&'static str],
}

/// All peers, all cases, and nothing breaks.
pub(super) const WHOLE: Stage = Stage {
    cases: &CASES,
    short: None,
    clients: &[],
    servers: &[],
    breaks: None,
    limits: LIMITS,
    repeat: 1,
    full: &[],
};

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
        for file in self.full {
            let file = folder.path().join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::os::unix::fs::symlink("/dev/full", file).unwrap();
        }
        let open_files = Arc::new(AtomicUsize::new(0));
        let (diary, path) = (backend.diary.clone(), folder.path().canonicalize().unwrap());
        let writer = Writer { diary, folder: path, open_files: Arc::clone(&open_files) };
        let log = EventLog::create(&folder.events(), vec![Box::new(writer)]).unwrap();
        let (root, project) = (small.root(), &small.project);
        let forms = Forms::default();
        let settings = RunSettings {
            root,
            project,
            plan: &plan,
            parallel: PARALLEL,
            limits: self.limits,
            repeat: self.repeat,
            forms: &forms,
        };
        let (interrupt, interrupted) = watch::channel(false);
        let interrupting = async {
            moment(&backend.diary).await;
            interrupt.send_replace(true);
            backend.diary.write(Entry::Interrupted);
            std::future::pending().await
        };
        let result = tokio::select! {
            result = run(&settings, &backend, &folder, &log, interrupted) => result,
            result = interrupting => result,
        };
        log.close().unwrap();
        let events = read_events(&folder.events()).unwrap();
        let (diary, open_files) = (backend.diary.entries(), open_files.load(Ordering::Relaxed));
        Played { plan, folder, events, diary, result, open_files, _small: small }
    }
}

/// Writes verdicts into the diary as they come, and looks at the run's open files then.
struct Writer {
    diary: Diary,
    folder: PathBuf,
    open_files: Arc<AtomicUsize>,
}

impl Consumer for Writer {
    fn consume(&mut self, event: &Event) {
        if let Event::CellJudged { .. } = event {
            self.open_files.fetch_max(open_files(&self.folder), Ordering::Relaxed);
            self.diary.write(Entry::Judged);
        }
    }
}

/// How many files in a folder this process has open.
fn open_files(folder: &Path) -> usize {
    let open = std::fs::read_dir("/proc/self/fd").unwrap();
    // One that was closed meanwhile has no target.
    let targets = open.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
    targets.filter(|target| target.starts_with(folder)).count()
}

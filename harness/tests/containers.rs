//! The containers backend on a real engine.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "clippy spares test functions, not their helpers")]

use bollard::Docker;
use bollard::models::NetworkConnectRequest;
use bollard::query_parameters::{ListContainersOptionsBuilder, ListNetworksOptionsBuilder};
use interop::backend::containers::{Containers, ContainersConfig, Engine, ImagePlaces, LABEL_RUN, sweep};
use interop::backend::{Artifact, Backend, Failure, Guard, Instance, Job, Pipe, Start, probe};
use interop::model::{Driver, Peer, PeerId, RoleSpec, Side, Transport};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use testcontainers::core::client::docker_client_instance;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

/// A run of its own: tests run at once.
struct Run {
    backend: Containers,
    peer: Peer,
    id: String,
    folder: TempDir,
}

impl Run {
    async fn new(test: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let id = format!("test-{test}-{}", std::process::id());
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let images = ImagePlaces {
            root,
            logs: folder.path().join("builds"),
            guard: Guard::new(env!("CARGO_BIN_EXE_interop").into()),
        };
        let config =
            ContainersConfig { run_id: id.clone(), folder: folder.path().to_owned(), images, is_live: |_| true };
        let backend = Containers::connect(config).await.unwrap();
        Self { backend, peer: peer("nobody"), id, folder }
    }

    /// The smallest peer there is.
    async fn artifact(&self) -> Artifact {
        let folder = self.folder.path().join("peer");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("Dockerfile"), "ARG BASE\nFROM ${BASE}\nUSER peer\n").unwrap();
        self.build(&folder).await.unwrap()
    }

    async fn build(&self, folder: &Path) -> Result<Artifact, interop::backend::BackendError> {
        self.backend.prepare(&self.peer, folder, &|_| {}).await
    }

    async fn start(
        &self,
        artifact: &Artifact,
        role: Side,
        argv: &[&str],
    ) -> Result<Arc<dyn Instance>, interop::backend::BackendError> {
        let argv = argv.iter().map(|&arg| arg.to_owned()).collect();
        let files = vec![("deep/a".into(), b"one".to_vec()), ("b".into(), b"two".to_vec())];
        self.backend.start(Start { peer: &self.peer, role, artifact, argv, port: 8080, files }).await
    }

    async fn client(&self) -> Arc<dyn Instance> {
        self.start(&self.artifact().await, Side::Client, &[]).await.unwrap()
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("logs/it.log")
    }

    async fn finish(self) {
        self.backend.finish().await.unwrap();
        assert_eq!(left(&self.id).await, Vec::<String>::new());
    }
}

fn peer(name: &str) -> Peer {
    let role = || RoleSpec { command: Vec::new(), features: Vec::new() };
    Peer {
        contract: 1,
        name: PeerId::new(name),
        language: String::new(),
        library: String::new(),
        version: String::new(),
        core: String::new(),
        link: String::new(),
        driver: Driver::Script,
        image: None,
        tls: None,
        local: None,
        client: role(),
        server: role(),
        blind: Vec::new(),
        unsupported: Vec::new(),
        variants: Vec::new(),
        build_args: BTreeMap::new(),
    }
}

async fn docker() -> Docker {
    docker_client_instance().await.unwrap()
}

/// What the engine has of a run.
async fn left(run: &str) -> Vec<String> {
    let filter = HashMap::from([("label".to_owned(), vec![format!("{LABEL_RUN}={run}")])]);
    let docker = docker().await;
    let options = ListContainersOptionsBuilder::new().all(true).filters(&filter).build();
    let containers = docker.list_containers(Some(options)).await.unwrap();
    let options = ListNetworksOptionsBuilder::new().filters(&filter).build();
    let networks = docker.list_networks(Some(options)).await.unwrap();
    let names = containers.into_iter().flat_map(|container| container.names.unwrap_or_default());
    names.chain(networks.into_iter().filter_map(|network| network.name)).collect()
}

async fn exec(instance: &dyn Instance, argv: &[&str]) -> Box<dyn Job> {
    instance.exec(argv.iter().map(|&arg| arg.to_owned()).collect()).await.unwrap()
}

async fn text(pipe: Option<Pipe>) -> String {
    let mut text = String::new();
    pipe.unwrap().read_to_string(&mut text).await.unwrap();
    text
}

/// Output, error output and exit code.
async fn ended(mut job: Box<dyn Job>) -> (String, String, i64) {
    let (out, err) = tokio::join!(text(job.stdout()), text(job.stderr()));
    (out, err, job.exit_code().await.unwrap())
}

async fn run(instance: &dyn Instance, argv: &[&str]) -> (String, String, i64) {
    ended(exec(instance, argv).await).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an engine; run by make test-engine"]
async fn execs_stream_and_tell_their_exit_codes() {
    let test = Run::new("exec").await;
    let client = test.client().await;
    let client = client.as_ref();
    assert_eq!(run(client, &["sh", "-c", "echo out; echo err >&2; exit 7"]).await, ("out\n".into(), "err\n".into(), 7));
    // Arguments stay what they are.
    assert_eq!(run(client, &["printf", "%s|", "a b", "$HOME", "", "'"]).await.0, "a b|$HOME||'|");
    let (out, err, code) = run(client, &["/no/such/program"]).await;
    assert!(code == 127 && out.is_empty() && err.contains("not found"), "{code} {out:?} {err:?}");
    // More than any pipe holds, on the one not read yet.
    let (out, err, _) = run(client, &["sh", "-c", "head -c 3000000 /dev/zero >&2; head -c 3000000 /dev/zero"]).await;
    assert_eq!((out.len(), err.len()), (3_000_000, 3_000_000));

    // The first line is here before the program ends.
    let mut job = exec(client, &["sh", "-c", "echo first; exec sleep 600"]).await;
    let mut lines = BufReader::new(job.stdout().unwrap()).lines();
    assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("first"));
    job.kill().await.unwrap();
    assert_eq!(lines.next_line().await.unwrap(), None);
    assert_eq!(job.exit_code().await.unwrap(), 137);
    // Twice is no error.
    job.kill().await.unwrap();
    test.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an engine; run by make test-engine"]
async fn a_kill_ends_one_process_with_its_children_and_no_other() {
    let test = Run::new("kill").await;
    let client = test.client().await;
    let client = client.as_ref();
    let spared = exec(client, &["sh", "-c", "while [ ! -e /tmp/go ]; do sleep 0.02; done; echo spared"]).await;
    // A child that holds the pipes; killed at once, before the pid may be written.
    let mut job = exec(client, &["sh", "-c", "sleep 600 & sleep 600"]).await;
    job.kill().await.unwrap();
    assert_eq!(ended_in_time(&mut job).await, 137);
    assert_eq!(run(client, &["touch", "/tmp/go"]).await.2, 0);
    assert_eq!(ended(spared).await, ("spared\n".into(), String::new(), 0));
    test.finish().await;
}

async fn ended_in_time(job: &mut Box<dyn Job>) -> i64 {
    tokio::time::timeout(Duration::from_secs(5), job.exit_code()).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an engine; run by make test-engine"]
async fn a_client_has_its_files_reaches_taps_and_has_no_rights() {
    let test = Run::new("client").await;
    let client = test.client().await;
    let client = client.as_ref();
    assert_eq!(run(client, &["cat", "/interop/deep/a", "/interop/b"]).await.0, "onetwo");
    probe::reachable(client, test.backend.tap_address()).await.unwrap();
    let status = run(client, &["grep", "-E", "^(Uid|CapEff|CapBnd|NoNewPrivs)", "/proc/self/status"]).await.0;
    let status = status.split_whitespace().collect::<Vec<_>>().join(" ");
    let zero = "0000000000000000";
    assert_eq!(status, format!("Uid: 10001 10001 10001 10001 CapEff: {zero} CapBnd: {zero} NoNewPrivs: 1"));
    assert_eq!(run(client, &["sh", "-c", "echo \"[$http_proxy$HTTPS_PROXY]\""]).await.0, "[]\n");
    assert_ne!(run(client, &["touch", "/usr/x"]).await.2, 0);
    let names = left(&test.id).await;
    assert!(names.contains(&format!("/interop-{}-nobody-client", test.id)), "{names:?}");
    test.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an engine; run by make test-engine"]
async fn a_server_has_its_files_before_it_starts_and_leaves_its_log() {
    let test = Run::new("server").await;
    let artifact = test.artifact().await;
    let script = "cat /interop/deep/a; echo; echo trouble >&2; exec sleep infinity";
    let server = test.start(&artifact, Side::Server, &["sh", "-c", script]).await.unwrap();
    let again = test.start(&artifact, Side::Server, &["sleep", "infinity"]).await.unwrap();
    assert_ne!(server.address().ip(), again.address().ip());
    // Nothing listens, and the container's network answers: it is refused, not lost.
    let error = probe::ready(server.address(), Transport::Plaintext, Duration::from_millis(200)).await.unwrap_err();
    assert!(error.contains("refused"), "{error}");
    server.stop(test.log()).await.unwrap();
    let log = std::fs::read_to_string(test.log()).unwrap();
    let lines: Vec<_> = log.lines().filter_map(|line| line.split_once(' ')).collect();
    assert!(lines.iter().any(|(time, text)| *text == "one" && time.contains('T')), "{log}");
    assert!(lines.iter().any(|(_, text)| *text == "trouble"), "{log}");
    again.stop(test.folder.path().join("again.log")).await.unwrap();
    assert_eq!(left(&test.id).await, [format!("interop-{}", test.id)]);
    test.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an engine; run by make test-engine"]
async fn a_failed_start_blames_the_peer_and_leaves_nothing() {
    let test = Run::new("failed").await;
    let artifact = test.artifact().await;
    let error = test.start(&artifact, Side::Server, &["/no/such/program"]).await.err().unwrap();
    assert_eq!(error.failure, Failure::Peer, "{error}");
    assert!(error.what.contains("/no/such/program"), "{error}");
    let gone = Artifact { name: "interop/nobody:gone".to_owned(), cached: true };
    let error = test.start(&gone, Side::Client, &[]).await.err().unwrap();
    assert!(error.failure == Failure::Infra && error.what.contains("interop images"), "{error}");
    assert_eq!(left(&test.id).await, [format!("interop-{}", test.id)]);
    test.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an engine; run by make test-engine"]
async fn an_image_is_built_once_and_a_failure_shows_why() {
    let test = Run::new("build").await;
    let first = test.artifact().await;
    let begun = Instant::now();
    assert_eq!(test.artifact().await, Artifact { name: first.name, cached: true });
    println!("cached: {:?}", begun.elapsed());
    let folder = test.folder.path().join("broken");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("Dockerfile"), "ARG BASE\nFROM ${BASE}\nRUN echo because >&2 && exit 9\n").unwrap();
    let error = test.build(&folder).await.unwrap_err();
    assert_eq!(error.failure, Failure::Build);
    assert!(error.what.contains("because") && error.what.contains("builds/nobody-"), "{error}");
    test.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an engine; run by make test-engine"]
async fn a_sweep_takes_what_is_not_kept() {
    let (swept, kept) = (Run::new("swept").await, Run::new("kept").await);
    // Its destructor must not be what removes it.
    std::mem::forget(swept.client().await);
    let engine = Engine::connect().await.unwrap();
    let found = sweep(&engine, |folder| folder != swept.folder.path()).await.unwrap();
    assert_eq!(found.containers, [format!("interop-{}-nobody-client", swept.id)].into());
    assert_eq!(found.networks, [format!("interop-{}", swept.id)].into());
    assert_eq!(left(&kept.id).await.len(), 1);
    swept.finish().await;
    kept.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an engine; run by make test-engine"]
async fn a_network_goes_with_the_endpoints_that_stay_in_it() {
    let (gone, other) = (Run::new("gone").await, Run::new("other").await);
    let stays = other.client().await;
    let request = NetworkConnectRequest {
        container: format!("interop-{}-nobody-client", other.id),
        ..NetworkConnectRequest::default()
    };
    docker().await.connect_network(&format!("interop-{}", gone.id), request).await.unwrap();
    gone.finish().await;
    assert_eq!(run(stays.as_ref(), &["true"]).await.2, 0);
    other.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an engine; prints latencies, asserts none"]
async fn latencies() {
    let test = Run::new("latency").await;
    let artifact = test.artifact().await;
    let mut times: HashMap<&str, Vec<Duration>> = HashMap::new();
    for _ in 0..10 {
        let begun = Instant::now();
        let client = test.start(&artifact, Side::Client, &[]).await.unwrap();
        times.entry("start").or_default().push(begun.elapsed());
        for _ in 0..5 {
            let begun = Instant::now();
            run(client.as_ref(), &["true"]).await;
            times.entry("exec").or_default().push(begun.elapsed());
        }
        let job = exec(client.as_ref(), &["sleep", "600"]).await;
        let begun = Instant::now();
        job.kill().await.unwrap();
        times.entry("kill").or_default().push(begun.elapsed());
        let begun = Instant::now();
        client.stop(test.log()).await.unwrap();
        times.entry("stop").or_default().push(begun.elapsed());
    }
    for (what, times) in &mut times {
        times.sort();
        println!("{what}: min {:?} median {:?} max {:?}", times[0], times[times.len() / 2], times[times.len() - 1]);
    }
    test.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an engine; run by make test-engine"]
async fn an_end_by_itself_is_told_with_its_code_and_last_words() {
    let test = Run::new("ended").await;
    let artifact = test.artifact().await;
    let says = "sleep 1; echo out of memory >&2; exit 139";
    let server = test.start(&artifact, Side::Server, &["sh", "-c", says]).await.unwrap();
    assert_eq!(server.ended().await, "exit code 139: out of memory");
    server.stop(test.log()).await.unwrap();
    // Twice is no error.
    server.stop(test.log()).await.unwrap();
    let idle = test.client().await;
    assert!(tokio::time::timeout(Duration::from_millis(300), idle.ended()).await.is_err(), "a client idles");
    idle.stop(test.log()).await.unwrap();
    test.finish().await;
}

use super::act::Act;
use super::backend::FILES;
use super::instance::{Ended, FLOOD, Spec};
use super::job::Pipes;
use super::{Crash, Ending, Entry, Spoil};
use crate::model::StatusCode;
use crate::proto::v1::{Observation, Script, Status, observation};
use prost::Message;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// The exit code of a program that fails.
const FAILED: i64 = 1;

/// A process in an instance: what the harness asks of peers by their command line.
pub(super) async fn run(argv: Vec<String>, spec: Arc<Spec>, ended: Ended, pipes: Pipes) -> i64 {
    let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
    let mut process = Process { spec, ended, pipes };
    let code = match &argv[..] {
        ["timeout", _, "bash", "-c", _, ip, port] => process.dial(&format!("{ip}:{port}")).await,
        [_, "--describe"] => process.describe().await,
        [_, "--scripts", folder, jobs @ ..] => process.jobs(folder, jobs).await,
        _ => Err(FAILED),
    };
    code.err().unwrap_or(0)
}

struct Process {
    spec: Arc<Spec>,
    ended: Ended,
    pipes: Pipes,
}

/// Whether a process goes on, or ends with this code.
type Runs = Result<(), i64>;

impl Process {
    async fn dial(&self, address: &str) -> Runs {
        if let Some(Crash::ReachesNothing) = self.spec.crash {
            return Err(FAILED);
        }
        TcpStream::connect(address).await.map(drop).map_err(|_| FAILED)
    }

    async fn describe(&mut self) -> Runs {
        let peer = &self.spec.peer;
        let text = match self.spec.crash {
            Some(Crash::Describes(text)) => text.to_owned(),
            _ => serde_json::json!({
                "name": peer.name, "language": peer.language, "library": peer.library, "version": peer.version,
                "features": peer.role(self.spec.role).features,
            })
            .to_string(),
        };
        self.print(text.as_bytes()).await
    }

    async fn print(&mut self, bytes: &[u8]) -> Runs {
        self.pipes.stdout.write_all(bytes).await.map_err(|_| FAILED)
    }

    async fn jobs(&mut self, folder: &str, jobs: &[&str]) -> Runs {
        let jobs = jobs.iter().filter(|job| **job != "--job").map(|job| job.split_once('=').unwrap());
        for (case, address) in self.in_order(jobs.collect()) {
            let spoil = self.spoils(case);
            if let Some(Spoil::StopsReading) = spoil {
                let _open = self.spec.act.play_client_without_end(TcpStream::connect(address).await.unwrap()).await;
                std::future::pending().await
            }
            let observation = self.observation(folder, case, address).await;
            match spoil {
                Some(spoil) => self.spoil(spoil, observation).await?,
                None => self.report(&observation).await?,
            }
            self.spec.diary.write(Entry::Reported);
        }
        match self.spec.crash {
            Some(Crash::Finally(Ending::Fails)) => Err(3),
            Some(Crash::Finally(Ending::Lingers)) => std::future::pending().await,
            Some(Crash::Finally(Ending::Babbles)) => self.print(b"bye\n").await,
            _ => Ok(()),
        }
    }

    fn in_order<'a>(&self, mut jobs: Vec<(&'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
        if let Some(Crash::At(at, Spoil::OutOfOrder)) = self.spec.crash
            && let Some(place) = jobs.iter().position(|(case, _)| *case == at)
        {
            jobs.swap(place, place + 1);
        }
        jobs
    }

    fn spoils(&self, case: &str) -> Option<Spoil> {
        match self.spec.crash {
            Some(Crash::At(at, spoil)) if at == case => Some(spoil),
            Some(Crash::Unkillable(at)) if at == case => Some(Spoil::Hangs),
            Some(Crash::After(good, at, spoil)) if at == case => {
                let earlier = self.spec.count.fetch_add(1, Ordering::Relaxed);
                (earlier % (good + 1) == good).then_some(spoil)
            }
            _ => None,
        }
    }

    async fn report(&mut self, observation: &Observation) -> Runs {
        self.print(&observation.encode_length_delimited_to_vec()).await
    }

    /// What comes of a job, as the contract has it.
    async fn observation(&self, folder: &str, case: &str, address: &str) -> Observation {
        let done = Observation { case: case.to_owned(), ..self.spec.act.observation.clone() };
        let nothing = Observation { case: case.to_owned(), ..Observation::default() };
        if let Some(Crash::AcceptsAnything) = self.spec.crash {
            return done;
        }
        let Some(script) = self.script(folder, case) else {
            return Observation { result: observation::Result::BadScript.into(), ..nothing };
        };
        let features = &self.spec.peer.client.features;
        if let Some(detail) = script.requires.into_iter().find(|feature| !features.contains(feature)) {
            return Observation { result: observation::Result::Unsupported.into(), detail, ..nothing };
        }
        let budget = Duration::from_millis(script.budget_ms.into());
        match self.call(address, budget).await {
            Ok(()) => done,
            Err(error) if error.kind() == ErrorKind::TimedOut => {
                Observation { result: observation::Result::TimedOut.into(), ..lost(done, StatusCode::Cancelled) }
            }
            Err(_) => lost(done, StatusCode::Unavailable),
        }
    }

    fn script(&self, folder: &str, case: &str) -> Option<Script> {
        let path = Path::new(folder).join(format!("{case}.binpb"));
        let file = self.spec.files.iter().find(|(there, _)| Path::new(FILES).join(there) == path)?;
        Script::decode(file.1.as_slice()).ok()
    }

    /// Plays the call, and cancels it when its time is up.
    async fn call(&self, address: &str, budget: Duration) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(address).await?;
        match tokio::time::timeout(budget, self.spec.act.play_client(&mut stream)).await {
            Ok(played) => played,
            Err(late) => {
                Act::cancel(&mut stream).await?;
                Err(late.into())
            }
        }
    }

    async fn spoil(&mut self, spoil: Spoil, observation: Observation) -> Runs {
        match spoil {
            Spoil::Exits(code) => Err(code),
            Spoil::Hangs => {
                self.spec.diary.write(Entry::Hangs);
                std::future::pending().await
            }
            Spoil::StopsReading | Spoil::OutOfOrder => self.report(&observation).await,
            Spoil::FallsSilent => {
                let _ = self.pipes.stdout.shutdown().await;
                std::future::pending().await
            }
            Spoil::Dawdles => {
                self.spec.diary.write(Entry::Hangs);
                self.spec.diary.wait_for(1, Entry::Interrupted).await;
                self.report(&observation).await
            }
            Spoil::Floods => {
                // The length of an observation of 16 MiB.
                self.print(&[0x80, 0x80, 0x40]).await?;
                for _ in 0..FLOOD {
                    self.print(&[0xff; 64 << 10]).await?;
                }
                Ok(())
            }
            Spoil::FloodsErrors => {
                for _ in 0..FLOOD {
                    self.pipes.stderr.write_all(&[b'x'; 64 << 10]).await.map_err(|_| FAILED)?;
                }
                self.report(&observation).await
            }
            Spoil::Trails => {
                self.report(&observation).await?;
                self.print(&[0xff; 16]).await
            }
            Spoil::Garbage => self.print("panic: index out of range\n".repeat(10).as_bytes()).await,
            Spoil::CutShort => {
                let whole = observation.encode_length_delimited_to_vec();
                self.print(&whole[..whole.len() / 2]).await?;
                Err(FAILED)
            }
            Spoil::OtherCase => {
                let other = Observation { case: "another".to_owned(), ..observation };
                self.report(&other).await
            }
            Spoil::Refuses => {
                let (result, detail) = (observation::Result::Unsupported.into(), "unary".to_owned());
                let refusal = Observation { result, detail, calls: Vec::new(), ..observation };
                self.report(&refusal).await
            }
            Spoil::Dies => {
                self.ended.send_replace(Some("exit code 137: out of memory".to_owned()));
                Err(FAILED)
            }
        }
    }
}

/// What a client reports of a call whose connection broke.
fn lost(mut observation: Observation, code: StatusCode) -> Observation {
    for call in &mut observation.calls {
        call.messages.clear();
        call.status = Some(Status { code: code.number(), message: "connection lost".to_owned() });
    }
    observation
}

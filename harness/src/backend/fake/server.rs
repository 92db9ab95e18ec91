use super::act::Request;
use super::instance::{Ended, Spec};
use super::{Answer, Crash, Death, Entry, News};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A server in an instance.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) spec: Arc<Spec>,
    pub(super) ended: Ended,
}

/// Plays the server on every connection, until it is stopped.
pub(super) async fn serve(listener: TcpListener, server: Server) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        connections.spawn(server.clone().connection(stream));
    }
}

impl Server {
    async fn connection(self, stream: TcpStream) {
        if let Some(Crash::NeverReady) = self.spec.crash {
            let _open = stream;
            return std::future::pending().await;
        }
        // A connection that breaks is its client's matter.
        let Ok(request) = self.spec.act.greet(stream).await else { return };
        let earlier = self.spec.count.fetch_add(1, Ordering::Relaxed);
        match self.spec.crash {
            Some(Crash::Dies(death)) if self.spec.earlier < death.lives => {
                self.clone().die(request.unanswered(), death).await;
            }
            Some(Crash::Request(at, answer)) if at == earlier => {
                self.answer(request, answer).await;
            }
            _ => drop(request.answer().await),
        }
    }

    async fn answer(&self, request: Request<'_>, answer: Answer) {
        match answer {
            Answer::Never => {
                let _open = request.unanswered();
                std::future::pending().await
            }
            Answer::Half => drop(request.answer_half().await),
            Answer::ThenDies => {
                // The connection closes when it is stopped: what its client does next comes after its death.
                let _open = request.answer_and_stay().await;
                self.ended.send_replace(Some("exit code 139: segmentation fault".to_owned()));
                std::future::pending().await
            }
        }
    }

    async fn die(self, request: TcpStream, death: Death) {
        let how = Some("exit code 139: segmentation fault".to_owned());
        match death.news {
            News::First => {
                self.ended.send_replace(how);
                let _open = request;
                std::future::pending().await
            }
            News::Late => {
                drop(request);
                self.spec.diary.wait_for(1, Entry::Reported).await;
                self.ended.send_replace(how);
            }
        }
    }
}

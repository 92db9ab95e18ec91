use super::instance::{Ended, Spec};
use super::{Crash, Death, Entry, News};
use std::sync::Arc;
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
        let death = match self.spec.crash {
            Some(Crash::Dies(death)) if self.spec.earlier < death.lives => Some(death),
            _ => None,
        };
        // A connection that breaks is its client's matter.
        let request = self.spec.act.play_server(stream, death.is_some()).await.ok().flatten();
        if let (Some(request), Some(death)) = (request, death) {
            self.die(request, death).await;
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

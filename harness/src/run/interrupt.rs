use tokio::sync::watch;

/// Tells a run to end: `true` once the user has asked for it. Each pair then finishes the cell it is at.
pub type Interrupt = watch::Receiver<bool>;

/// Waits until the user has asked for the end. Nobody asks any more where the sender is gone.
pub(super) async fn asked(interrupt: &Interrupt) {
    if interrupt.clone().wait_for(|asked| *asked).await.is_err() {
        std::future::pending().await
    }
}

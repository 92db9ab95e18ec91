use super::images::{Build, Images};
use crate::backend::archive::Archive;
use crate::backend::command::Progress;
use crate::backend::context::{add_folder, digest, pack};
use crate::backend::error::infra;
use crate::backend::{Artifact, BackendError};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};

/// Most memory of a tool.
const MEMORY: &str = "2g";

impl Images {
    /// The image of a tool of the harness's own, which has a folder in `images/` like a peer and no peer.yaml.
    pub async fn tool(&self, name: &str, progress: Progress<'_>) -> Result<Artifact, BackendError> {
        let base = self.base(progress).await?;
        let folder = self.places.root.join("images").join(name);
        let context = pack(tool_context, folder, self.places.root.clone()).await?;
        let hash = digest(&[&context, base.name.as_bytes()]);
        self.build(Build { image: name, hash, context, arguments: vec![("BASE", &base.name)] }, progress).await
    }
}

fn tool_context(folder: &Path, _: &Path) -> Result<Vec<u8>, BackendError> {
    let pack = || {
        let mut archive = Archive::default();
        add_folder(&mut archive, "", folder)?;
        archive.tar()
    };
    pack().map_err(|error: std::io::Error| infra(format!("{}: {error}", folder.display())))
}

/// Runs a tool in a container of its own that sees no network and is gone afterwards: `input` is its standard input, and `read` makes of
/// its standard output what is wanted. The container ends with its input, so that none is left where this program dies.
pub fn run_tool<T>(
    host: &str,
    (image, arguments): (&Artifact, &[&str]),
    input: &[u8],
    read: impl FnOnce(ChildStdout) -> Result<T, String>,
) -> Result<T, BackendError> {
    let mut command = Command::new("docker");
    command.args(["--host", host, "run", "--rm", "--interactive", "--network", "none", "--cap-drop", "ALL"]);
    command.args(["--security-opt", "no-new-privileges", "--memory", MEMORY, "--pids-limit", "64"]);
    command.arg(&image.name).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let failed = |what: &dyn std::fmt::Display| infra(format!("{}: {what}", image.name));
    let mut child = command.spawn().map_err(|error| failed(&error))?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(mut stdin), Some(stdout), Some(mut stderr)) = (stdin, stdout, stderr) else {
        return Err(failed(&"no pipes"));
    };
    let (read, said) = std::thread::scope(|scope| {
        // What a tool that ended early did not read shows in how it ended.
        scope.spawn(move || drop(stdin.write_all(input)));
        let said = scope.spawn(move || {
            let mut said = String::new();
            let _ = stderr.read_to_string(&mut said);
            said
        });
        (read(stdout), said.join().unwrap_or_default())
    });
    let status = child.wait().map_err(|error| failed(&error))?;
    match read {
        Ok(read) if status.success() => Ok(read),
        Ok(_) => Err(failed(&format!("{status}: {}", said.trim()))),
        Err(what) if said.trim().is_empty() => Err(failed(&what)),
        Err(what) => Err(failed(&format!("{what}: {}", said.trim()))),
    }
}

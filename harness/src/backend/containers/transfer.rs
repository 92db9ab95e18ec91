use super::error::engine_failed;
use super::images::Images;
use crate::backend::error::infra;
use crate::backend::{Artifact, BackendError};
use bollard::query_parameters::ImportImageOptions;
use bytes::Bytes;
use futures::StreamExt;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// Bytes handed on at once.
const CHUNK: usize = 1 << 20;

impl Images {
    /// Writes images, and those they are built on, to a file: what `docker save` makes of them, compressed with zstd. With it they are
    /// found built elsewhere, for their tags are hashes of all they are made from, the base image among it.
    pub async fn save(&self, artifacts: &[Artifact], file: &Path) -> Result<(), BackendError> {
        let base = self.base(&|_| {}).await?;
        let below = [base.name.as_str(), base.os];
        let names: BTreeSet<&str> = artifacts.iter().map(|artifact| artifact.name.as_str()).chain(below).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let unsaved = |error: io::Error| infra(format!("{}: images were not saved: {error}", file.display()));
        let mut encoder = File::create(file).and_then(|file| zstd::Encoder::new(file, 0)).map_err(unsaved)?;
        let mut exported = self.engine.docker().export_images(&names);
        while let Some(chunk) = exported.next().await {
            let chunk = chunk.map_err(|error| engine_failed("images cannot be exported", error))?;
            encoder.write_all(&chunk).map_err(unsaved)?;
        }
        encoder.finish().map_err(unsaved).map(drop)
    }

    /// Takes in the images of such a file.
    pub async fn load(&self, file: &Path) -> Result<(), BackendError> {
        let unread = |error: io::Error| infra(format!("{}: images were not loaded: {error}", file.display()));
        let decoder = File::open(file).and_then(zstd::Decoder::new).map_err(unread)?;
        let chunks = futures::stream::iter(Chunks(decoder));
        let mut loading = self.engine.docker().import_image_stream(ImportImageOptions::default(), chunks, None);
        while let Some(told) = loading.next().await {
            told.map_err(|error| engine_failed(format!("images of {} were not loaded", file.display()), error))?;
        }
        Ok(())
    }
}

/// What a reader has, piece by piece.
struct Chunks<R>(R);

impl<R: Read> Iterator for Chunks<R> {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut chunk = Vec::new();
        match self.0.by_ref().take(CHUNK as u64).read_to_end(&mut chunk) {
            Ok(0) => None,
            Ok(_) => Some(Ok(chunk.into())),
            Err(error) => Some(Err(error)),
        }
    }
}

//! The tar stream: file after file over one TLS connection, written to the same disk as they come.
//!
//! A file is `path length (4 bytes) · size (8 bytes) · path · content`; a path of no bytes is the end.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader, BufWriter};
use tokio::net::TcpListener;

use crate::work::{self, Outfit, Work};
use crate::{ends, tls};

/// What is read and written at once.
const PART: usize = 256 << 10;

/// Seconds from the request to the last file written.
pub(crate) async fn receive(work: &Work, outfit: &Outfit) -> Result<f64> {
    let keys = work.fresh()?;
    tls::make(&keys)?;
    let folder = outfit.folder.to_string_lossy().into_owned();
    let end = ends::start("tar", &keys, &[("FYTECLUB_BENCH_OUTFIT", &folder)]).await?;
    let stream = tls::connect(&tls::connector(&keys)?, end.port).await?;
    let target = work.fresh()?;
    let mut stream = BufReader::with_capacity(PART, stream);
    let started = Instant::now();
    stream.write_all(b"go").await?;
    stream.flush().await?;
    let mut part = vec![0; PART];
    while let Some((path, size)) = head(&mut stream).await? {
        let path = target.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut file = fs::File::create(path)?;
        let mut left = size;
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(PART).min(PART);
            let got = stream.read(part.get_mut(..most).unwrap_or_default()).await?;
            anyhow::ensure!(got > 0, "the tar stream ended early");
            file.write_all(part.get(..got).unwrap_or_default())?;
            left -= got as u64;
        }
    }
    let took = started.elapsed().as_secs_f64();
    let written = work::files(&target)?;
    anyhow::ensure!(written.len() == outfit.files as usize, "the tar stream lost files");
    Ok(took)
}

async fn head(stream: &mut (impl AsyncReadExt + Unpin)) -> Result<Option<(String, u64)>> {
    let length = stream.read_u32().await?;
    let size = stream.read_u64().await?;
    if length == 0 {
        return Ok(None);
    }
    let mut path = vec![0; usize::try_from(length)?];
    stream.read_exact(&mut path).await?;
    Ok(Some((String::from_utf8(path)?, size)))
}

/// The sending end.
pub(crate) async fn serve(keys: &Path) -> Result<()> {
    let outfit = std::path::PathBuf::from(std::env::var_os("FYTECLUB_BENCH_OUTFIT").unwrap_or_default());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    ends::say(listener.local_addr()?.port());
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    let mut stream = BufWriter::with_capacity(PART, tls::acceptor(keys)?.accept(stream).await?);
    let mut go = [0; 2];
    stream.read_exact(&mut go).await?;
    for path in work::files(&outfit)? {
        let content = fs::read(outfit.join(&path))?;
        let path = path.to_string_lossy();
        stream.write_u32(u32::try_from(path.len())?).await?;
        stream.write_u64(content.len() as u64).await?;
        stream.write_all(path.as_bytes()).await?;
        stream.write_all(&content).await?;
    }
    stream.write_u32(0).await?;
    stream.write_u64(0).await?;
    stream.flush().await?;
    // Until the other side has read it all and leaves.
    let _ = stream.read(&mut go).await;
    Ok(())
}

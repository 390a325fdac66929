//! The server path: what sharing by way of a server costs, with the server on this very machine.
//!
//! Each file is zstd-3 compressed and PUT, one after the other, over one kept connection; then ten connections fetch them with
//! GET, expand them and write them to the same disk. The clock covers both. Connections are open before it starts.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio_rustls::TlsConnector;

use crate::work::{self, Outfit, Work};
use crate::{ends, tls};

const GETS_AT_ONCE: usize = 10;
const LEVEL: i32 = 3;

type Sender = SendRequest<Full<Bytes>>;

/// Seconds for putting and fetching together.
pub(crate) async fn travel(work: &Work, outfit: &Outfit) -> Result<f64> {
    let server = work.fresh()?;
    tls::make(&server)?;
    let end = ends::start("https", &server, &[]).await?;
    let connector = tls::connector(&server)?;
    let mut putter = open(&connector, end.port).await?;
    let mut getters = Vec::new();
    for _ in 0..GETS_AT_ONCE {
        getters.push(open(&connector, end.port).await?);
    }
    let target = work.fresh()?;
    let files = work::files(&outfit.folder)?;
    let started = Instant::now();
    for (number, path) in files.iter().enumerate() {
        let compressed = zstd::bulk::compress(&fs::read(outfit.folder.join(path))?, LEVEL)?;
        ask(&mut putter, Method::PUT, number, compressed.into()).await?;
    }
    let waiting: Arc<Mutex<VecDeque<usize>>> = Arc::new(Mutex::new((0..files.len()).collect()));
    let tasks: Vec<_> =
        getters.into_iter().map(|getter| tokio::spawn(fetch(getter, Arc::clone(&waiting), target.to_owned()))).collect();
    for task in tasks {
        task.await??;
    }
    let took = started.elapsed().as_secs_f64();
    for (number, path) in files.iter().enumerate() {
        work::same(&outfit.folder.join(path), &target.join(number.to_string()))?;
    }
    Ok(took)
}

async fn fetch(mut getter: Sender, waiting: Arc<Mutex<VecDeque<usize>>>, target: PathBuf) -> Result<()> {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some(number) = next else { return Ok(()) };
        let body = ask(&mut getter, Method::GET, number, Bytes::new()).await?;
        fs::write(target.join(number.to_string()), zstd::stream::decode_all(body.as_ref())?)?;
    }
}

async fn open(connector: &TlsConnector, port: u16) -> Result<Sender> {
    let stream = tls::connect(connector, port).await?;
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn ask(sender: &mut Sender, method: Method, number: usize, body: Bytes) -> Result<Bytes> {
    sender.ready().await?;
    let request =
        Request::builder().method(method).uri(format!("/{number}")).header("host", "localhost").body(Full::new(body))?;
    let answer = sender.send_request(request).await?;
    anyhow::ensure!(answer.status() == StatusCode::OK, "the server answers {}", answer.status());
    Ok(answer.into_body().collect().await?.to_bytes())
}

/// The server.
pub(crate) async fn serve(folder: &Path) -> Result<()> {
    let acceptor = tls::acceptor(folder)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    ends::say(listener.local_addr()?.port());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (acceptor, folder) = (acceptor.clone(), folder.to_owned());
        tokio::spawn(async move {
            let stream = acceptor.accept(stream).await.context("no TLS")?;
            let service = hyper::service::service_fn(move |request| answer(folder.clone(), request));
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await?;
            anyhow::Ok(())
        });
    }
}

async fn answer(folder: PathBuf, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let done = handle(&folder, request).await;
    let (status, body) = done.map_or((StatusCode::NOT_FOUND, Bytes::new()), |body| (StatusCode::OK, body));
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    Ok(response)
}

async fn handle(folder: &Path, request: Request<Incoming>) -> Result<Bytes> {
    let number: usize = request.uri().path().trim_start_matches('/').parse()?;
    let path = folder.join(number.to_string());
    if *request.method() == Method::PUT {
        fs::write(path, request.into_body().collect().await?.to_bytes())?;
        return Ok(Bytes::new());
    }
    Ok(fs::read(path)?.into())
}

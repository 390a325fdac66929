//! JSON lines, in both directions.
//!
//! A reader never holds more than its limit of a line, which is [`MAX_LINE`] bytes unless said otherwise: of a longer one it drops what it has, says so once, and goes
//! on with the line behind it.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};

use crate::wire::plugin::MAX_LINE;

/// Characters of a complaint about a line.
const MAX_COMPLAINT: usize = 500;

/// A line that came, or why not.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// The line without its end; not blank.
    Whole(Vec<u8>),
    /// More bytes than the limit; the rest of it is skipped.
    TooLong,
}

/// Reads lines.
#[derive(Debug)]
pub struct LineReader<R> {
    from: BufReader<R>,
    line: Vec<u8>,
    skipping: bool,
    limit: usize,
}

impl<R: AsyncRead + Unpin> LineReader<R> {
    /// A reader at the start of a line.
    pub fn new(from: R) -> Self {
        Self { from: BufReader::with_capacity(64 << 10, from), line: Vec::new(), skipping: false, limit: MAX_LINE }
    }

    /// The same reader with another limit.
    #[must_use]
    pub fn up_to(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    /// The next line that is not blank; `None` when the other side closed, even in the middle of a line. Nothing is
    /// lost if this is cancelled.
    ///
    /// # Errors
    /// If the stream fails.
    pub async fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let chunk = self.from.fill_buf().await?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let piece = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            let used = piece.len() + usize::from(end.is_some());
            let line = take(&mut self.line, &mut self.skipping, self.limit, piece, end.is_some());
            self.from.consume(used);
            if line.is_some() {
                return Ok(line);
            }
        }
    }
}

/// Adds a piece to the line so far. Gives a line when it ended, or when it became too long.
fn take(line: &mut Vec<u8>, skipping: &mut bool, limit: usize, piece: &[u8], ends: bool) -> Option<Line> {
    if *skipping {
        *skipping = !ends;
        return None;
    }
    if line.len() + piece.len() > limit {
        *line = Vec::new();
        *skipping = !ends;
        return Some(Line::TooLong);
    }
    if line.capacity() < line.len() + piece.len() {
        // Doubles like a vector does, but never beyond the limit.
        let wanted = (line.capacity() * 2).clamp(line.len() + piece.len(), limit);
        line.reserve_exact(wanted - line.len());
    }
    line.extend_from_slice(piece);
    let whole = ends.then(|| std::mem::take(line))?;
    (!whole.trim_ascii().is_empty()).then_some(Line::Whole(whole))
}

/// Writes one message as a line.
///
/// # Errors
/// If the stream fails.
pub async fn write<T: Serialize>(to: &mut (impl AsyncWrite + Unpin), message: &T) -> io::Result<()> {
    let mut line = serde_json::to_vec(message).map_err(io::Error::other)?;
    line.push(b'\n');
    to.write_all(&line).await?;
    to.flush().await
}

/// What a line says.
///
/// # Errors
/// What is wrong with it, for people.
pub fn parse<T: DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    serde_json::from_slice(line).map_err(|error| {
        // The error may repeat what it found, which may be long.
        let error: String = error.to_string().chars().take(MAX_COMPLAINT).collect();
        format!("this line is not understood: {error}")
    })
}

/// The `seq` of a line that could not be used, if there is one to be read.
#[must_use]
pub fn sequence(line: &[u8]) -> Option<u64> {
    #[derive(serde::Deserialize)]
    struct Head {
        seq: u64,
    }
    serde_json::from_slice::<Head>(line).ok().map(|head| head.seq)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_all(bytes: &[u8]) -> Vec<Line> {
        let mut reader = LineReader::new(bytes);
        let mut lines = Vec::new();
        while let Some(line) = reader.next().await.unwrap() {
            lines.push(line);
        }
        lines
    }

    fn whole(text: &str) -> Line {
        Line::Whole(text.as_bytes().to_vec())
    }

    #[tokio::test]
    async fn lines_come_one_by_one_and_blank_ones_and_a_cut_last_one_do_not() {
        assert_eq!(read_all(b"{}\n\n \r\n[1]\r\n{\"cut\":").await, [whole("{}"), whole("[1]\r")]);
    }

    #[tokio::test]
    async fn a_line_of_just_the_limit_is_read_and_a_longer_one_is_skipped() {
        let mut bytes = vec![b'x'; MAX_LINE];
        bytes.extend_from_slice(b"\nnext\n");
        let lines = read_all(&bytes).await;
        assert!(matches!(lines.as_slice(), [Line::Whole(long), next] if long.len() == MAX_LINE && *next == whole("next")));
        bytes.insert(0, b'x');
        assert_eq!(read_all(&bytes).await, [Line::TooLong, whole("next")]);
        let mut endless = vec![b'x'; 3 * MAX_LINE];
        endless.extend_from_slice(b"\nnext\n");
        assert_eq!(read_all(&endless).await, [Line::TooLong, whole("next")]);
    }

    #[test]
    fn no_more_than_the_limit_is_ever_held() {
        let (mut line, mut skipping) = (Vec::new(), false);
        let piece = vec![b'x'; 60_000];
        while take(&mut line, &mut skipping, MAX_LINE, &piece, false).is_none() {
            assert!(line.capacity() <= MAX_LINE, "{}", line.capacity());
        }
        assert_eq!((line.capacity(), skipping), (0, true));
    }

    #[test]
    fn the_number_of_a_bad_line_is_found_if_it_has_one() {
        assert_eq!(sequence(br#"{"type":"nonsense","seq":7}"#), Some(7));
        assert_eq!(sequence(br#"{"type":"nonsense"}"#), None);
        assert_eq!(sequence(b"garbage"), None);
    }
}

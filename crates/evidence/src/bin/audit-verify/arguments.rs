//! What the program is asked to do.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use audit_evidence::checkpoint::{Checkpoint, parse_uuid};
use audit_evidence::note::{Note, PublicKey};
use audit_evidence::verify::Trust;
use lexopt::prelude::*;

use crate::{UNREADABLE, USAGE};

pub enum Command {
    Help,
    Version,
    Verify { trust: Trust, cold: Vec<PathBuf>, path: PathBuf },
    Sign { key: PathBuf, state: PathBuf, is_new_origin: bool },
    Keygen { name: String, file: PathBuf },
}

/// Why nothing was done.
pub struct Problem {
    pub text: String,
    pub code: u8,
}

impl From<lexopt::Error> for Problem {
    fn from(error: lexopt::Error) -> Self {
        usage(error.to_string())
    }
}

fn usage(text: impl Into<String>) -> Problem {
    Problem { text: text.into(), code: USAGE }
}

impl Command {
    pub fn parse() -> Result<Self, Problem> {
        let arguments: Vec<OsString> = std::env::args_os().collect();
        match arguments.get(1).and_then(|argument| argument.to_str()) {
            Some("sign") => sign(lexopt::Parser::from_args(arguments.into_iter().skip(2))),
            Some("keygen") => keygen(lexopt::Parser::from_args(arguments.into_iter().skip(2))),
            _ => verify(lexopt::Parser::from_iter(arguments)),
        }
    }
}

fn verify(mut parser: lexopt::Parser) -> Result<Command, Problem> {
    let (mut trust, mut cold, mut path) = (Trust::default(), Vec::new(), None);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("key") => trust.keys.push(public_key(&parser.value()?.string()?, false)?),
            Long("witness") => trust.witnesses.push(public_key(&parser.value()?.string()?, true)?),
            Long("quorum") => trust.quorum = Some(parser.value()?.parse()?),
            Long("checkpoint") => trust.checkpoints.push(checkpoint(parser.value()?.into())?),
            Long("head") => {
                let head = checkpoint(parser.value()?.into())?;
                head.workspace().ok_or_else(|| usage("--head names no workspace"))?;
                trust.heads.push(head);
            }
            Long("workspace") => {
                let text = parser.value()?.string()?;
                let workspace = parse_uuid(&text).ok_or_else(|| usage(format!("not a workspace: {text}")))?;
                trust.workspaces.push(workspace);
            }
            Long("cold") if cfg!(feature = "cold") => cold.push(PathBuf::from(parser.value()?)),
            Long("cold") => {
                return Err(usage("this audit-verify reads no files of cold storage: build it with --features cold"));
            }
            Long("help") | Short('h') => return Ok(Command::Help),
            Long("version") => return Ok(Command::Version),
            Value(value) if path.is_none() => path = Some(PathBuf::from(value)),
            other => return Err(other.unexpected().into()),
        }
    }
    if trust.quorum.is_some_and(|quorum| quorum > trust.witnesses.len()) {
        return Err(usage("--quorum asks for more witnesses than are named"));
    }
    let path = path.ok_or_else(|| usage("nothing to verify"))?;
    if !trust.workspaces.is_empty() && (!path.is_dir() || path.join("tile").is_dir()) {
        return Err(usage("--workspace says what is asked for of a folder of bundles"));
    }
    Ok(Command::Verify { trust, cold, path })
}

fn public_key(text: &str, is_witness: bool) -> Result<PublicKey, Problem> {
    let key = PublicKey::parse(text).ok_or_else(|| usage(format!("not a public key: {text}")))?;
    match (key.is_witness(), is_witness) {
        (true, false) => Err(usage(format!("{} is a witness's key: use --witness", key.name))),
        (false, true) => Err(usage(format!("{} is a log's key: use --key", key.name))),
        _ => Ok(key),
    }
}

/// A checkpoint or head that the verifier kept, with or without signatures.
fn checkpoint(file: PathBuf) -> Result<Checkpoint, Problem> {
    let unreadable = |text: String| Problem { text: format!("{}: {text}", file.display()), code: UNREADABLE };
    let text = fs::read_to_string(&file).map_err(|error| unreadable(error.to_string()))?;
    let note = Note::read(&text);
    let checkpoint = note.and_then(|note| Checkpoint::parse(&note.text));
    checkpoint.ok_or_else(|| unreadable("not a checkpoint".into()))
}

fn sign(mut parser: lexopt::Parser) -> Result<Command, Problem> {
    let (mut key, mut state, mut is_new_origin) = (None, None, false);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("key") => key = Some(PathBuf::from(parser.value()?)),
            Long("new-origin") => is_new_origin = true,
            Long("state") => state = Some(PathBuf::from(parser.value()?)),
            other => return Err(other.unexpected().into()),
        }
    }
    match (key, state) {
        (Some(key), Some(state)) => Ok(Command::Sign { key, state, is_new_origin }),
        _ => Err(usage("sign needs --key and --state")),
    }
}

fn keygen(mut parser: lexopt::Parser) -> Result<Command, Problem> {
    let mut values = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Value(value) => values.push(value),
            other => return Err(other.unexpected().into()),
        }
    }
    match <[OsString; 2]>::try_from(values) {
        Ok([name, file]) => Ok(Command::Keygen { name: name.string()?, file: file.into() }),
        Err(_) => Err(usage("keygen needs a name and a file")),
    }
}

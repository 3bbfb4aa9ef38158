//! Signs checkpoints, outside the database and best on another host: the one place where a private key is.
//!
//! What was signed last is kept in a file, one checkpoint for each origin. Only what continues it is signed, so that whoever controls the database cannot
//! have a second history signed. A log of another origin continues nothing: it is signed only if somebody says that it is to be.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use audit_evidence::add_checkpoint::{AddCheckpoint, Refusal};
use audit_evidence::checkpoint::{Checkpoint, base, is_origin};
use audit_evidence::note::{Note, PrivateKey};

use crate::print;
use crate::{UNREADABLE, USAGE};

/// A critical finding: what is to be signed is another history.
const REFUSED: u8 = 1;

type Answer<T> = Result<T, (u8, String)>;

pub fn keygen(name: &str, file: &Path) -> u8 {
    let made = made_key(name, file).and_then(|public| {
        // A key whose public half nobody has is of no use.
        hand_over(&public).inspect_err(|_| remove(file))
    });
    answer(made)
}

fn made_key(name: &str, file: &Path) -> Answer<String> {
    if !is_origin(name) {
        return Err((USAGE, "a name has no white space, no plus, and begins with no brace".into()));
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| (UNREADABLE, format!("the system gives no random bytes: {error}")))?;
    let key = PrivateKey::from_seed(name, &seed);
    let problem = |error: io::Error| (UNREADABLE, format!("{}: {error}", file.display()));
    let mut made = OpenOptions::new().write(true).create_new(true).mode(0o400).open(file).map_err(problem)?;
    let written = writeln!(made, "{}", key.to_text()).and_then(|()| made.sync_all());
    written.inspect_err(|_| remove(file)).map_err(problem)?;
    Ok(format!("{}\n", key.public_key()))
}

pub fn sign(key: &Path, state: &Path, is_new_origin: bool) -> u8 {
    answer(signed(key, state, is_new_origin).and_then(|note| hand_over(&note)))
}

/// A key that is not to be used.
fn remove(file: &Path) {
    if let Err(error) = fs::remove_file(file) {
        print::complain(&format!("{}: remove this file: {error}", file.display()));
    }
}

fn answer(answer: Answer<()>) -> u8 {
    match answer {
        Ok(()) => 0,
        Err((code, problem)) => {
            print::complain(&problem);
            code
        }
    }
}

/// What is made must arrive whole.
fn hand_over(text: &str) -> Answer<()> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| (UNREADABLE, format!("the answer could not be written: {error}")))
}

/// The key, from a file that only its owner can read.
fn private_key(key: &Path) -> Answer<PrivateKey> {
    let key_file = File::open(key).map_err(|error| unreadable(key, &error.to_string()))?;
    let mode = key_file.metadata().map_err(|error| unreadable(key, &error.to_string()))?.mode();
    if mode & 0o077 != 0 {
        return Err(unreadable(key, "others may read the key: chmod 400"));
    }
    let text = io::read_to_string(key_file).map_err(|error| unreadable(key, &error.to_string()))?;
    PrivateKey::parse(text.trim_end()).ok_or_else(|| unreadable(key, "not a private key"))
}

fn unreadable(what: &Path, problem: &str) -> (u8, String) {
    (UNREADABLE, format!("{}: {problem}", what.display()))
}

fn signed(key: &Path, state: &Path, is_new_origin: bool) -> Answer<String> {
    let private = private_key(key)?;
    let mut request = String::new();
    let read = io::stdin().read_to_string(&mut request);
    read.map_err(|error| (UNREADABLE, format!("the request: {error}")))?;
    let request = AddCheckpoint::read(&request).ok_or((UNREADABLE, String::from("the request cannot be read")))?;
    // Two signers beside each other would both continue the same state.
    let lock = OpenOptions::new().create(true).append(true).mode(0o600).open(beside(state, ".lock"));
    let lock =
        lock.and_then(|lock| lock.lock().map(|()| lock)).map_err(|error| unreadable(state, &error.to_string()))?;
    let mut states = read_states(state).map_err(|problem| unreadable(state, &problem))?;
    let asked = Checkpoint::parse(&request.note.text).map(|checkpoint| checkpoint.origin).unwrap_or_default();
    let place = states.iter().position(|signed| signed.origin == asked);
    judge_origin(&asked, place.is_some(), &states, is_new_origin)?;
    let new = request.accept(place.map(|place| &states[place])).map_err(refused)?;
    if ![new.origin.as_str(), base(&new.origin)].contains(&private.name.as_str()) {
        return Err((USAGE, format!("the key is for {}, the checkpoint is of {}", private.name, new.origin)));
    }
    match place {
        Some(place) => states[place] = new.clone(),
        None => {
            // Witnesses and other verifiers know a key under the origin that it signs.
            let public = private.public_key().named(&new.origin);
            print::complain(&format!("the first checkpoint of {}, signed by {public}", new.origin));
            states.push(new.clone());
        }
    }
    // What is signed must be known before anybody has the signature.
    write_states(state, &states).map_err(|error| unreadable(state, &error.to_string()))?;
    drop(lock);
    let line = private.sign(&request.note.text, &new.origin);
    let mut note = Note { text: request.note.text, signatures: request.note.signatures };
    note.signatures.retain(|other| (&other.name, other.key_id) != (&line.name, line.key_id));
    note.signatures.insert(0, line);
    Ok(note.to_string())
}

/// A log that is not among those that were signed continues none of them.
fn judge_origin(origin: &str, is_known: bool, states: &[Checkpoint], is_new_origin: bool) -> Answer<()> {
    match (is_known, is_new_origin) {
        (true, true) => Err((USAGE, format!("{origin} was signed before: sign it without --new-origin"))),
        (false, false) if !states.is_empty() && !origin.is_empty() => Err((
            REFUSED,
            format!(
                "{origin} was never signed, and others were: it may be a second history. If the trail began another incarnation, \
                 and you know why, sign it once with --new-origin"
            ),
        )),
        _ => Ok(()),
    }
}

fn refused(refusal: Refusal) -> (u8, String) {
    match refusal {
        Refusal::NotACheckpoint => (UNREADABLE, "the request holds no checkpoint".into()),
        Refusal::OtherOldSize { signed } => {
            (UNREADABLE, format!("size {signed} was signed last: ask with audit_consistency_proof({signed})"))
        }
        Refusal::Shrunk { signed } => {
            (REFUSED, format!("size {signed} was signed already, and the log is smaller now"))
        }
        Refusal::Fork(_) => (REFUSED, "the log does not continue what was signed: its history was rewritten".into()),
    }
}

fn read_states(state: &Path) -> Result<Vec<Checkpoint>, String> {
    let text = match fs::read_to_string(state) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.to_string()),
    };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let read = lines.chunks(3).map(|lines| Checkpoint::parse(&lines.concat())).collect::<Option<_>>();
    read.ok_or_else(|| "not what was signed last".into())
}

/// A file that belongs to this state alone.
fn beside(state: &Path, suffix: &str) -> PathBuf {
    let mut path = state.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

fn write_states(state: &Path, states: &[Checkpoint]) -> io::Result<()> {
    let new = beside(state, ".new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    states.iter().try_for_each(|signed| write!(file, "{signed}"))?;
    file.sync_all()?;
    fs::rename(&new, state)?;
    let folder = state.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

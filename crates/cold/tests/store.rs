//! A directory keeps files: whole, once, and until they are removed.

use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

use audit_cold::file::Hash;
use audit_cold::store::{Got, Location, Put, Removal, Store, Stored};

const PATH: &str = "workspace=0190/year=2026/2026-01_7.parquet";

fn store(folder: &Path) -> Store {
    Store::open(Location::parse(&format!("file://{}", folder.display())).unwrap()).unwrap()
}

fn spooled(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn read(store: &Store) -> Option<(Vec<u8>, u64, Hash)> {
    let mut out = tempfile::tempfile().unwrap();
    let Got::Whole { bytes: length, hash } = store.get(PATH, None, &mut out).unwrap() else { return None };
    out.rewind().unwrap();
    let mut bytes = Vec::new();
    out.read_to_end(&mut bytes).unwrap();
    Some((bytes, length, hash))
}

#[test]
fn a_file_is_made_once_and_kept_until_it_is_removed() {
    // The larger one goes in parts.
    for bytes in [b"rows".to_vec(), vec![7; (8 << 20) + 1]] {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        assert_eq!(read(&store), None);
        assert_eq!(store.put(PATH, &mut spooled(&bytes)).unwrap(), Put::Made);
        assert_eq!(read(&store), Some((bytes.clone(), bytes.len() as u64, Hash::of(&bytes))));
        let other: Vec<u8> = bytes.iter().map(|byte| byte ^ 1).collect();
        assert_eq!(store.put(PATH, &mut spooled(&other)).unwrap(), Put::Exists);
        assert_eq!(read(&store).unwrap().0, bytes, "what is there is never replaced");
        assert_eq!(store.list().unwrap(), [Stored { path: PATH.to_owned(), bytes: bytes.len() as u64 }]);
        assert_eq!(store.length(PATH).unwrap(), Some(bytes.len() as u64));
        assert_eq!(store.remove(PATH).unwrap(), Removal::Removed);
        assert_eq!((store.remove(PATH).unwrap(), store.length(PATH).unwrap()), (Removal::WasNotThere, None));
        assert_eq!(read(&store), None);
    }
}

#[test]
fn a_file_of_another_length_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.put(PATH, &mut spooled(b"rows")).unwrap();
    let file = File::options().write(true).open(folder.path().join(PATH)).unwrap();
    file.set_len(1 << 40).unwrap();
    let mut out = tempfile::tempfile().unwrap();
    assert_eq!(store.get(PATH, Some(4), &mut out).unwrap(), Got::OfOtherLength(1 << 40));
}

#[test]
fn what_else_is_in_the_directory_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let year = folder.path().join("workspace=0190/year=2026");
    fs::create_dir_all(outside.path().join("year=2026")).unwrap();
    let others = outside.path().join("year=2026/2026-01_7.parquet#1");
    let file = File::create(&others).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(25 * 60 * 60)).unwrap();
    fs::create_dir_all(&year).unwrap();
    fs::write(folder.path().join("workspace=a file"), "").unwrap();
    let link = |target: &Path, name: &Path| std::os::unix::fs::symlink(target, name);
    link(outside.path(), &folder.path().join("workspace=elsewhere")).unwrap();
    link(folder.path(), &year.join("a loop")).unwrap();
    link(Path::new("/nowhere"), &year.join("2026-01_8.parquet#1")).unwrap();
    assert_eq!(store.remove_abandoned().unwrap(), 0);
    assert!(others.exists());
    assert_eq!(store.list().unwrap(), []);
}

#[test]
fn only_files_of_cold_storage_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    fs::create_dir_all(folder.path().join("workspace=0190/year=2026")).unwrap();
    for name in ["note.txt", "workspace=0190/year=2026/2026-01_7.parquet.part", "workspace=0190/2026-01_7.parquet"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    assert_eq!(store.list().unwrap(), []);
}

#[test]
fn what_a_dead_program_left_is_removed_after_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let at = |name: &str| folder.path().join("workspace=0190/year=2026").join(name);
    fs::create_dir_all(at("")).unwrap();
    let left = ["2026-01_7.parquet#1", "2026-01_7.parquet.part#1", "2026-01_7.parquet.part"];
    let kept = ["2026-01_7.parquet", "note#1", "2026-02_8.parquet#1"];
    for name in left.iter().chain(&kept) {
        let file = File::create(at(name)).unwrap();
        if *name != "2026-02_8.parquet#1" {
            file.set_modified(SystemTime::now() - Duration::from_secs(25 * 60 * 60)).unwrap();
        }
    }
    assert_eq!(store.remove_abandoned().unwrap(), left.len());
    assert!(left.iter().all(|name| !at(name).exists()) && kept.iter().all(|name| at(name).exists()));
}

#[test]
fn a_directory_that_is_not_there_is_an_error() {
    let location = Location::parse("file:///nowhere/cold").unwrap();
    assert!(Store::open(location).err().unwrap().to_string().contains("no directory /nowhere/cold"));
}

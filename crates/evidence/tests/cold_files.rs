//! The program with files of cold storage, as `audit-cold` writes them: what it prints, and with what it ends.

mod rows;
mod simulated;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use audit_cold::file::{Object, Writer};
use audit_cold_row::Column;
use rows::{Fields, canonical, fields};
use simulated::export::Wanted;
use simulated::{Trail, log_key};
use uuid::Uuid;

fn workspace() -> Uuid {
    Trail::workspace(1)
}

/// A bundle, the head that was kept, and the rows that its release took.
struct Given {
    folder: tempfile::TempDir,
    rows: Vec<Fields>,
    note: String,
}

fn given() -> Given {
    let mut trail = Trail::new();
    let ids: Vec<Uuid> = (0..5).map(|person| trail.record(workspace(), person)).collect();
    trail.seal();
    let rows = trail.events[&workspace()][..3].iter().map(fields).collect();
    trail.release(workspace(), &ids[..3]);
    trail.seal();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("bundle", &trail.bundle(workspace(), &Wanted::default()));
    write("head", &trail.incarnations[0].heads.last().unwrap().1.to_string());
    let note = trail.note(0, 2).to_string();
    Given { folder, rows, note }
}

/// Where a file of the workspace is.
fn path(store: &Path, name: &str) -> PathBuf {
    store.join(format!("workspace={}/year=2026/2026-10_{name}.parquet", workspace()))
}

fn write(store: &Path, name: &str, rows: &[Fields], evidence: Option<&str>) {
    let path = path(store, name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let object = Object {
        id: Uuid::from_u128(7),
        replaces: None,
        workspace_id: workspace(),
        month: "2026-10".into(),
        evidence: evidence.map(Into::into),
    };
    let mut writer = Writer::new(File::create(path).unwrap(), object).unwrap();
    writer.write_chunk(canonical(rows)).unwrap();
    writer.finish().unwrap();
}

fn verify(given: &Given, stores: &[&Path]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_audit-verify"));
    command.current_dir(given.folder.path());
    command.args(["--key", &log_key().public_key().to_string(), "--head", "head"]);
    for store in stores {
        command.arg("--cold").arg(store);
    }
    let output = command.arg("bundle").output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn files_that_are_given_are_read() {
    let given = given();
    let (first, second) = (given.folder.path().join("first"), given.folder.path().join("second"));
    write(&first, "a", &given.rows[..2], Some(&given.note));
    write(&second, "b", &given.rows[2..], None);
    let (code, text) = verify(&given, &[&first, &second]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("removed beside them: 3\nof those that are removed, verified in files of cold storage: 3\n"),
        "{text}"
    );
    assert!(text.contains("3 in cold storage, of which verified in files: 3\n"), "{text}");
    let (code, text) = verify(&given, &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with(&format!("info cold {}", workspace())), "{text}");
    assert!(text.contains("3 in cold storage, of which verified in files: 0\n"), "{text}");
}

#[test]
fn a_file_that_is_missing_or_was_changed_is_found() {
    let given = given();
    let store = given.folder.path().join("store");
    write(&store, "a", &given.rows[..2], None);
    let (code, text) = verify(&given, &[&store]);
    assert!(code == 1 && text.starts_with("critical row_missing") && text.contains("released 1 events"), "{text}");

    // Written anew, with digests of its own.
    let mut changed = given.rows.clone();
    changed[2][Column::NewValues as usize] = Some(b"\x01{}".to_vec());
    write(&store, "b", &changed[2..], None);
    let (code, text) = verify(&given, &[&store]);
    let name = path(&store, "b").display().to_string();
    assert!(code == 1 && text.starts_with("critical row_modified") && text.contains(&name), "{text}");

    // A byte of the file itself.
    write(&store, "b", &given.rows[2..], None);
    let mut bytes = fs::read(path(&store, "b")).unwrap();
    bytes[200] ^= 1;
    fs::write(path(&store, "b"), bytes).unwrap();
    let (code, text) = verify(&given, &[&store]);
    assert!(code == 1 && text.contains("critical cold_unreadable") && text.contains("critical row_missing"), "{text}");
}

#[test]
fn a_folder_that_is_not_there_is_no_empty_one() {
    let given = given();
    let (code, text) = verify(&given, &[&given.folder.path().join("misspelt")]);
    assert_eq!(code, 65, "{text}");
}

/// What is linked to is no file of cold storage, nor is what waits for somebody to write.
#[test]
fn only_files_and_folders_are_read() {
    let given = given();
    let store = given.folder.path().join("store");
    write(&store, "a", &given.rows, None);
    let folder = path(&store, "a").parent().unwrap().to_owned();
    for link in ["b", "c"] {
        std::os::unix::fs::symlink(".", folder.join(link)).unwrap();
    }
    std::os::unix::fs::symlink("2026-10_a.parquet", folder.join("d.parquet")).unwrap();
    assert!(Command::new("mkfifo").arg(folder.join("e.parquet")).status().unwrap().success());
    let linked = given.folder.path().join("linked");
    std::os::unix::fs::symlink(&store, &linked).unwrap();
    let (code, text) = verify(&given, &[&linked]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("verified in files: 3\n"), "{text}");
}

#[test]
fn files_are_read_for_bundles_of_workspaces_only() {
    let mut trail = Trail::new();
    trail.record(workspace(), 1);
    trail.seal();
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::create_dir(at.join("store")).unwrap();
    let tiles = at.join("tiles");
    for (path, bytes) in trail.root_files() {
        let path = tiles.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    fs::write(at.join("root"), trail.root_bundle()).unwrap();
    let receipt = trail.receipt(workspace(), 0, None);
    fs::write(at.join("receipt"), serde_json::to_string(&receipt).unwrap()).unwrap();
    let key = log_key().public_key().to_string();
    for (path, what) in [("tiles", "a folder of tiles"), ("root", "the root log"), ("receipt", "a receipt")] {
        let verify = |cold: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_audit-verify"));
            command.current_dir(at).args(["--key", &key]).args(cold).arg(path).output().unwrap()
        };
        assert_eq!(verify(&[]).status.code(), Some(0), "{path}");
        let refused = verify(&["--cold", "store"]);
        let text = String::from_utf8(refused.stderr).unwrap();
        assert_eq!((refused.status.code(), refused.stdout.len()), (Some(64), 0), "{text}");
        assert!(text.contains(&format!("--cold is for bundles of workspaces: this is {what}\n")), "{text}");
    }
}

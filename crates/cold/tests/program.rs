//! The program, where it needs no database.

use std::process::{Command, Stdio};

/// As `audit-cold --help | head -n 0`.
#[test]
fn nobody_need_read_what_it_prints() {
    for (argument, expected) in [("--help", 0), ("--version", 0), ("nonsense", 2)] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_audit-cold"));
        command.arg(argument).stdin(Stdio::null()).stdout(writer.try_clone().unwrap()).stderr(writer);
        assert_eq!(command.status().unwrap().code(), Some(expected), "{argument}");
    }
}

/// As libpq does: who left it open to others is to know why no password is found.
#[test]
fn a_password_file_that_others_may_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pgpass");
    std::fs::write(&file, "*:*:*:*:secret\n").unwrap();
    for (mode, is_told) in [(0o600, false), (0o640, true), (0o604, true)] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_audit-cold"));
        command.args(["list", "--database", "host=127.0.0.1 port=1 user=u"]);
        let ended = command.env("PGPASSFILE", &file).env_remove("PGPASSWORD").output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        let problem = "has group or world access; permissions should be u=rw (0600) or less";
        assert_eq!((ended.status.code(), said.contains(problem)), (Some(3), is_told), "{mode:o}: {said}");
    }
}

#[test]
fn its_help_names_all_that_it_takes() {
    let ended = Command::new(env!("CARGO_BIN_EXE_audit-cold")).arg("--help").output().unwrap();
    let help = String::from_utf8(ended.stdout).unwrap();
    assert!(help.contains("--help") && help.contains("--version"), "{help}");
}

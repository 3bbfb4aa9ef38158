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

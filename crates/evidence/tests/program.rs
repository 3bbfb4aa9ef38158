//! The program: what it prints, and with what it ends.

mod simulated;

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use audit_evidence::field::Field;
use simulated::export::Wanted;
use simulated::{Trail, log_key, witness_key};

struct Ended {
    code: i32,
    out: String,
    err: String,
}

fn run(folder: &Path, arguments: &[&str], input: &str) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_audit-verify"));
    command.current_dir(folder).args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn trail() -> Trail {
    let mut trail = Trail::new();
    for number in 0..4 {
        trail.record(Trail::workspace(number % 2), number);
    }
    trail.seal();
    trail
}

#[test]
fn codes_of_verification() {
    let (trail, folder) = (trail(), tempfile::tempdir().unwrap());
    let at = folder.path();
    let bundle = trail.bundle(Trail::workspace(1), &Wanted::default());
    let newest = |note: &str| fs::write(at.join("checkpoint"), note).unwrap();
    newest(&trail.note(0, 2).to_string());
    let head = trail.incarnations[0].heads.iter().rfind(|(workspace, _)| *workspace == Trail::workspace(1)).unwrap();
    fs::write(at.join("head"), head.1.to_string()).unwrap();
    let (key, witness) = (log_key().public_key().to_string(), witness_key().witness_key().to_string());
    let all = ["--key", &key, "--witness", &witness, "--checkpoint", "checkpoint", "--head", "head", "-"];

    let sound = run(at, &all, &bundle);
    assert_eq!((sound.code, sound.err.as_str()), (0, ""), "{}", sound.out);
    assert!(
        sound.out.starts_with("events verified: 2, of which erased: 0, removed beside them: 0\ncheckpoint: audit-ext/")
    );
    assert!(sound.out.contains("witnessed by witness.example/w1, so made not after 2026-10-26T07:33:20Z"));

    let alone = run(at, &["-"], &bundle);
    assert_eq!(alone.code, 2);
    assert!(alone.out.starts_with("warning signature_missing - - - neither key nor checkpoint was given"));
    assert!(alone.out.contains("warning heads_not_shown "));
    let headed = run(at, &["--head", "head", "-"], &bundle);
    assert!(headed.out.starts_with(
        "warning signature_missing - - - neither key nor checkpoint was given: nothing but the kept heads"
    ));
    assert_eq!(run(at, &["--key", &key, "--head", "head", "-"], &bundle).code, 0);
    assert_eq!(run(at, &["--key", &key, "-"], &bundle).code, 2);

    // psql prints one line end more, and $(...) gives none.
    for ends in ["\n\n", ""] {
        newest(&format!("{}{ends}", trail.note(0, 2).to_string().trim_end()));
        fs::write(at.join("head"), format!("{}{ends}", head.1.to_string().trim_end())).unwrap();
        assert_eq!(run(at, &all, &bundle).code, 0, "{ends:?}");
    }

    newest(&trail.note(0, 2).to_string().replace("\n2\n", "\n3\n"));
    let ahead = run(at, &all, &bundle);
    assert_eq!(ahead.code, 1);
    assert!(ahead.out.starts_with("critical checkpoint_ahead "), "{}", ahead.out);
    assert!(ahead.out.contains("\ncheckpoint_ahead: A checkpoint that was kept outside covers more than is here"));

    let cut = run(at, &["--key", &key, "-"], &bundle[..bundle.len() / 2]);
    assert_eq!(cut.code, 65);
    assert!(cut.err.contains("nothing is proven by what cannot be read"));
    let lines: Vec<&str> =
        bundle.split_inclusive('\n').filter(|line| !line.contains(r#""event","index":0,"#)).collect();
    let gap = run(at, &["--key", &key, "-"], &lines.concat());
    assert_eq!(gap.code, 1, "{}{}", gap.out, gap.err);
    assert!(
        gap.out.contains("critical row_missing ") && gap.out.contains(" 0 - the export goes on at 1\n"),
        "{}",
        gap.out
    );
    assert!(gap.err.contains("not the next place of the log"));
    assert_eq!(run(at, &["no such file"], "").code, 65);
    assert_eq!(run(at, &["--checkpoint", "no such file", "-"], "").code, 65);
    let usage: [&[&str]; 7] = [
        &[],
        &["--wrong", "-"],
        &["--key", "nonsense", "-"],
        &["--key", &witness, "-"],
        &["--witness", &key, "-"],
        &["--quorum", "1", "-"],
        &["-", "-"],
    ];
    for arguments in usage {
        let ended = run(at, arguments, "");
        assert_eq!(ended.code, 64, "{arguments:?}");
        assert!(ended.err.contains("audit-verify sign"), "{arguments:?}");
    }
    assert_eq!(run(at, &["--help"], "").code, 0);
}

#[test]
fn a_quorum_of_witnesses() {
    let (trail, folder) = (trail(), tempfile::tempdir().unwrap());
    let other = audit_evidence::note::PrivateKey::from_seed("witness.example/w2", &[9; 32]).witness_key().to_string();
    let (key, witness) = (log_key().public_key().to_string(), witness_key().witness_key().to_string());
    let root = trail.root_bundle();
    let both = ["--key", &key, "--witness", &witness, "--witness", &other];
    let ended = run(folder.path(), &[&both[..], &["-"]].concat(), &root);
    assert_eq!(ended.code, 2);
    assert!(ended.out.contains("warning signature_missing - - - 1 of 2 witnesses signed"), "{}", ended.out);
    assert_eq!(run(folder.path(), &[&both[..], &["--quorum", "1", "-"]].concat(), &root).code, 0);
    // A witness whose line was spoilt has not signed, and somebody spoilt it.
    let mut note = trail.note(0, 2);
    note.signatures[1].signature[20] ^= 1;
    let spoilt = root.replace(
        &serde_json::to_string(&trail.note(0, 2).to_string()).unwrap(),
        &serde_json::to_string(&note.to_string()).unwrap(),
    );
    let ended = run(folder.path(), &["--key", &key, "--witness", &witness, "-"], &spoilt);
    assert_eq!(ended.code, 1);
    assert!(ended.out.starts_with("critical signature_bad "));
}

#[test]
fn signing() {
    let (mut trail, folder) = (trail(), tempfile::tempdir().unwrap());
    let at = folder.path();
    let made = run(at, &["keygen", "audit-ext", "key"], "");
    assert_eq!(made.code, 0, "{}", made.err);
    assert_eq!(fs::metadata(at.join("key")).unwrap().permissions().mode() & 0o777, 0o400);
    assert_eq!(run(at, &["keygen", "audit-ext", "key"], "").code, 65, "a key is never written over");
    assert_eq!(run(at, &["keygen", "with space", "other"], "").code, 64);
    let sign = |request: &str| run(at, &["sign", "--key", "key", "--state", "state"], request);

    let first = sign(&trail.add_checkpoint(0).to_string());
    assert_eq!(first.code, 0, "{}", first.err);
    assert!(first.err.contains("the first checkpoint of audit-ext/"));
    let root = trail.root_bundle();
    fs::write(at.join("note"), &first.out).unwrap();
    let signed = root.replace(
        &serde_json::to_string(&trail.note(0, 2).to_string()).unwrap(),
        &serde_json::to_string(&first.out).unwrap(),
    );
    assert_eq!(run(at, &["--key", made.out.trim(), "-"], &signed).code, 0);

    let mut forked = trail.clone();
    for (of, person) in [(&mut trail, 1), (&mut forked, 2)] {
        of.record(Trail::workspace(1), person);
        of.record(Trail::workspace(7), person);
        of.seal();
    }
    let stale = sign(&trail.add_checkpoint(1).to_string());
    assert_eq!(stale.code, 65);
    assert!(stale.err.contains("audit_consistency_proof(2)"));
    assert_eq!(sign(&trail.add_checkpoint(2).to_string()).code, 0);
    assert_eq!(sign(&trail.add_checkpoint(4).to_string()).code, 0, "the same again");
    assert_eq!(sign(&format!("{}\n", trail.add_checkpoint(4))).code, 0, "as psql prints it");
    assert_eq!(sign(trail.add_checkpoint(4).to_string().trim_end()).code, 0, "as a shell hands it on");
    let fork = sign(&forked.add_checkpoint(4).to_string());
    assert_eq!((fork.code, fork.out.as_str()), (1, ""));
    assert!(fork.err.contains("its history was rewritten"));
    let shrunk = sign(&self::trail().add_checkpoint(2).to_string());
    assert_eq!(shrunk.code, 1);

    // A log of another origin continues nothing, be it another incarnation or a second history: somebody has to say which.
    let state = || fs::read_to_string(at.join("state")).unwrap();
    let before = state();
    trail.begin_incarnation();
    trail.record(Trail::workspace(1), 1);
    trail.seal();
    for old in [0, 1] {
        let second = sign(&trail.add_checkpoint(old).to_string());
        assert_eq!((second.code, second.out.as_str()), (1, ""));
        assert!(second.err.contains("was never signed, and others were") && second.err.contains("--new-origin"));
    }
    assert_eq!(state(), before);
    let asked = ["sign", "--new-origin", "--key", "key", "--state", "state"];
    let known = run(at, &asked, &forked.add_checkpoint(4).to_string());
    assert_eq!((known.code, known.out.as_str()), (64, ""), "it is not for what was signed before");
    assert_eq!(run(at, &asked, &trail.add_checkpoint(0).to_string()).code, 0);
    assert_eq!(state().lines().count(), 6);
    assert_eq!(sign(&trail.add_checkpoint(1).to_string()).code, 0, "known from now on");
    assert_eq!(sign("nonsense").code, 65);
    fs::set_permissions(at.join("key"), fs::Permissions::from_mode(0o644)).unwrap();
    let open = sign(&trail.add_checkpoint(1).to_string());
    assert_eq!(open.code, 65);
    assert!(open.err.contains("chmod 400"));
}

#[test]
fn a_folder_that_shows_a_part() {
    let (trail, folder) = (trail(), tempfile::tempdir().unwrap());
    let at = folder.path();
    let [one, two] = [Trail::workspace(0), Trail::workspace(1)];
    let key = log_key().public_key().to_string();
    let put = |name: &str, text: String| fs::write(at.join(name), text).unwrap();
    put("root", trail.root_bundle());
    put("one", trail.bundle(one, &Wanted::default()));
    put("two", trail.bundle(two, &Wanted { first: 2, ..Wanted::default() }));
    let part = run(at, &["--key", &key, "."], "");
    assert_eq!(part.code, 2, "{}", part.out);
    assert!(part.out.starts_with(&format!("warning events_not_shown {two} - - places 0 to 1 are not shown\n")));
    assert!(part.out.contains("\nplaces that are not shown: 2, in workspaces: 1\n"), "{}", part.out);
    fs::remove_file(at.join("two")).unwrap();
    assert_eq!(run(at, &["--key", &key, "."], "").code, 2);

    // Whoever asks for one workspace is not warned of the others, and is told of them.
    let (one, two) = (one.to_string(), two.to_string());
    let asked = run(at, &["--key", &key, "--workspace", &one, "."], "");
    assert_eq!(asked.code, 0, "{}", asked.out);
    assert!(asked.out.contains("places that are not shown: 2, in workspaces: 1\n"), "{}", asked.out);
    assert_eq!(run(at, &["--key", &key, "--workspace", &one, "--workspace", &two, "."], "").code, 2);
    let unknown = Trail::workspace(7).to_string();
    let ended = run(at, &["--key", &key, "--workspace", &unknown, "."], "");
    assert_eq!(ended.code, 2);
    assert!(ended.out.contains(&format!("events_not_shown {unknown} - - the root log has no head of it\n")));
    assert_eq!(run(at, &["--key", &key, "--workspace", &one, "one"], "").code, 64);
    assert_eq!(run(at, &["--workspace", "nonsense", "."], "").code, 64);
}

/// An origin comes from whoever made the bundle, and the line is pasted into a shell.
#[test]
fn what_is_printed_for_a_shell_is_quoted() {
    let (mut trail, folder) = (Trail::new(), tempfile::tempdir().unwrap());
    let at = folder.path();
    trail.incarnations[0].origin = r"a';touch${IFS}here;:'$(touch${IFS}there)%d\n/log".into();
    trail.record(Trail::workspace(1), 1);
    trail.seal();
    let bundle = trail.bundle(Trail::workspace(1), &Wanted::default());
    let stamped = bundle.replace(r#""timestamps":[]"#, r#""timestamps":["c3RhbXA="]"#);
    assert_ne!(stamped, bundle);
    let ended = run(at, &["-"], &stamped);
    let command = ended.out.lines().find_map(|line| line.strip_prefix("  timestamp: ")).unwrap();
    // It shows what it is given to read.
    let openssl = "openssl() { while [ $# -gt 0 ]; do case $1 in -data|-in) cat \"$2\";; esac; shift; done; }";
    let script = format!("{openssl}\n{command}\n");
    let said = Command::new("bash").args(["-c", &script]).current_dir(at).output().unwrap();
    let text = String::from_utf8(said.stdout).unwrap();
    assert_eq!(text, format!("{}stamp", trail.note(0, 1).text), "{command}");
    assert_eq!(fs::read_dir(at).unwrap().count(), 0, "{command}");
}

/// What would turn the command around is written as bytes, which bash reads back.
#[test]
fn what_is_hidden_is_shown_to_a_shell() {
    let (mut trail, folder) = (Trail::new(), tempfile::tempdir().unwrap());
    trail.incarnations[0].origin = "a'\\n\u{202e}ä/log".into();
    trail.record(Trail::workspace(1), 1);
    trail.seal();
    let bundle = trail.bundle(Trail::workspace(1), &Wanted::default());
    let ended = run(folder.path(), &["-"], &bundle.replace(r#""timestamps":[]"#, r#""timestamps":["c3RhbXA="]"#));
    let command = ended.out.lines().find_map(|line| line.strip_prefix("  timestamp: ")).unwrap();
    assert!(!command.contains('\u{202e}'), "{command:?}");
    let script = format!("openssl() {{ cat \"$6\"; }}\n{command}\n");
    let said = Command::new("bash").args(["-c", &script]).env("LC_ALL", "C").output().unwrap();
    assert_eq!(String::from_utf8(said.stdout).unwrap(), trail.note(0, 1).text, "{command}");
}

/// As `audit-verify ... 2>&1 | head -n 0`. A signature must arrive, though.
#[test]
fn nobody_need_read_what_it_prints() {
    let (trail, folder) = (trail(), tempfile::tempdir().unwrap());
    let at = folder.path();
    fs::write(at.join("bundle"), trail.bundle(Trail::workspace(1), &Wanted::default())).unwrap();
    for (arguments, expected) in [
        (["--help"].as_slice(), 0),
        (&["bundle"], 2),
        (&["nothing"], 65),
        (&["--nonsense", "bundle"], 64),
        (&["keygen", "log.example", "key"], 65),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_audit-verify"));
        command.current_dir(at).args(arguments).stdin(Stdio::null());
        command.stdout(writer.try_clone().unwrap()).stderr(writer);
        assert_eq!(command.status().unwrap().code(), Some(expected), "{arguments:?}");
    }
    assert!(!at.join("key").exists());

    assert_eq!(run(at, &["keygen", log_key().name.as_str(), "key"], "").code, 0);
    let sign = ["sign", "--key", "key", "--state", "state"];
    let request = trail.add_checkpoint(0).to_string();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_audit-verify"));
    let mut child = command.current_dir(at).args(sign).stdin(Stdio::piped()).stdout(writer).spawn().unwrap();
    child.stdin.take().unwrap().write_all(request.as_bytes()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(65));
    // What was signed is known, so the same is signed again as what continues it.
    let size = trail.incarnations[0].log.leaves.len() as u64;
    assert_eq!(run(at, &sign, &trail.add_checkpoint(size).to_string()).code, 0);
}

/// Whoever recorded the event chose its values; what would move the cursor or turn the text around is escaped. Nothing is shown of what is not proven.
#[test]
fn a_receipt_shows_what_it_proves() {
    let (mut trail, folder) = (Trail::new(), tempfile::tempdir().unwrap());
    let at = folder.path();
    let workspace = Trail::workspace(1);
    trail.record(workspace, 1);
    let (_, event) = trail.waiting.last_mut().unwrap();
    let columns = &mut event.row.as_mut().unwrap().0;
    columns.insert(Field::UserAgent, "bell \u{7} csi \u{9b}31m turn \u{202e}\u{61c} tag \u{e0041} \"quoted\"".into());
    event.leaf = event.disclosed().unwrap().leaf;
    trail.seal();
    let mut receipt = trail.receipt(workspace, 0, Some(&[Field::ActionType, Field::UserAgent]));
    let text = serde_json::to_string(&receipt).unwrap();
    let key = log_key().public_key().to_string();

    let ended = run(at, &["--key", &key, "-"], &text);
    assert_eq!(ended.code, 0, "{}", ended.out);
    let shown: Vec<&str> = ended.out.lines().filter_map(|line| line.strip_prefix("shown: ")).collect();
    let agent = r#"user_agent "bell \u0007 csi \u009b31m turn \u202e\u061c tag \udb40\udc41 \"quoted\"""#;
    let named = format!("id \"{}\"", trail.events[&workspace][0].id);
    assert_eq!(shown, [&named, r#"action_type "RENAME_WORKSPACE""#, &format!("workspace_id \"{workspace}\""), agent]);

    let other = witness_key().public_key().named(&log_key().name).to_string();
    for unsigned in [["-"].as_slice(), &["--key", &other, "-"]] {
        let ended = run(at, unsigned, &text);
        assert_eq!(ended.code, 2, "{}", ended.out);
        assert!(!ended.out.contains("shown: "), "{}", ended.out);
    }
    // A kept checkpoint vouches if it is the one in the receipt.
    let kept = receipt.checkpoint.clone();
    trail.record(workspace, 2);
    trail.seal();
    let later = serde_json::to_string(&trail.receipt(workspace, 0, Some(&[Field::ActionType]))).unwrap();
    let elsewhere = kept.replacen(&trail.incarnations[0].origin, "another/log", 1);
    for (kept, text, expected, is_shown) in
        [(&kept, &text, 0, true), (&kept, &later, 2, false), (&elsewhere, &text, 2, false)]
    {
        fs::write(at.join("kept"), kept).unwrap();
        let ended = run(at, &["--checkpoint", "kept", "-"], text);
        assert_eq!((ended.code, ended.out.contains("shown: action_type ")), (expected, is_shown), "{}", ended.out);
    }

    receipt.index = 1;
    let ended = run(at, &["--key", &key, "-"], &serde_json::to_string(&receipt).unwrap());
    assert_eq!(ended.code, 1);
    assert!(!ended.out.contains("shown: "), "{}", ended.out);
}

/// A file that anybody may have made says what it likes: in its lines, its origins and its name.
#[test]
fn what_is_printed_for_people_moves_no_cursor() {
    let (mut trail, folder) = (Trail::new(), tempfile::tempdir().unwrap());
    let at = folder.path();
    let spoilt = "{\"kind\":\"\\u001b]52;c;aGk=\\u0007\"}\n";
    let field = "{\"kind\":\"head\",\"\\u001b[2J\":1}\n";
    let name = "\u{1b}[31m\u{202e}";
    let header = trail.root_bundle();
    let header = &header[..=header.find('\n').unwrap()];
    fs::write(at.join(name), spoilt).unwrap();
    trail.incarnations[0].origin = "log\u{202e}\u{2066}\u{200f}\u{61c}/log".into();
    trail.record(Trail::workspace(1), 1);
    trail.seal();
    fs::write(at.join("kept"), trail.note(0, 1).text.replace("\n1\n", "\n2\n")).unwrap();
    let root = trail.root_bundle();
    for (arguments, input, code, said) in [
        (&["-"][..], spoilt, 65, r"\u001b]52;c;aGk=\u0007"),
        (&["-"], &format!("{header}{field}"), 65, r"\u001b[2J"),
        (&[name], "", 65, r"\u001b[31m\u202e"),
        (&["--checkpoint", "kept", "-"], &root, 1, r"checkpoint_ahead - - - log\u202e\u2066\u200f\u061c/log was kept"),
        (&["--checkpoint", "kept", "-"], &root, 1, r"checkpoint: log\u202e\u2066\u200f\u061c/log at size 1"),
    ] {
        let ended = run(at, arguments, input);
        let text = ended.out + &ended.err;
        assert_eq!(ended.code, code, "{text:?}");
        assert!(text.contains(said), "{text:?}");
        assert!(
            !text.chars().any(|c| c != '\n' && (c.is_control() || "\u{202e}\u{2066}\u{200f}\u{61c}".contains(c))),
            "{text:?}"
        );
    }
}

/// Each state has a lock and a new version of its own, whatever it is called.
#[test]
fn a_state_may_have_any_name() {
    let (mut trail, folder) = (trail(), tempfile::tempdir().unwrap());
    let at = folder.path();
    assert_eq!(run(at, &["keygen", "audit-ext", "key"], "").code, 0);
    let states = ["log.new", "log.lock", "log.example.com", "log.example.org"];
    for state in states {
        let first = run(at, &["sign", "--key", "key", "--state", state], &trail.add_checkpoint(0).to_string());
        assert_eq!(first.code, 0, "{state}: {}", first.err);
    }
    trail.record(Trail::workspace(1), 1);
    trail.seal();
    for state in states {
        let second = run(at, &["sign", "--key", "key", "--state", state], &trail.add_checkpoint(2).to_string());
        assert_eq!(second.code, 0, "{state}: {}", second.err);
        assert_eq!(fs::read_to_string(at.join(state)).unwrap().lines().nth(1), Some("3"), "{state}");
        assert!(at.join(format!("{state}.lock")).exists(), "{state}");
    }
}

#[test]
fn it_tells_its_version() {
    let folder = tempfile::tempdir().unwrap();
    let version = run(folder.path(), &["--version"], "");
    assert_eq!((version.code, version.out), (0, format!("audit-verify {}\n", env!("CARGO_PKG_VERSION"))));
    let help = run(folder.path(), &["--help"], "").out;
    assert!(help.contains("--help") && help.contains("--version"), "{help}");
}

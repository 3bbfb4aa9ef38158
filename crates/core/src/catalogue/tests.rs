use std::collections::BTreeSet;

use super::*;

/// What a text says after each occurrence of a mark, up to the end of a name.
fn names_after<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(mark).skip(1).filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
}

#[test]
fn each_file_makes_the_relation_and_the_indexes_that_its_entry_names() {
    for TrailRelation { name, kind, sql, indexes, .. } in RELATIONS {
        let made = match kind {
            ObjectKind::View => names_after(sql, "CREATE OR REPLACE VIEW @extschema@.").collect(),
            _ => names_after(sql, " IF NOT EXISTS @extschema@.").collect::<Vec<_>>(),
        };
        assert_eq!(made, [*name], "one file, one relation");
        assert_eq!(names_after(sql, "INDEX IF NOT EXISTS ").collect::<Vec<_>>(), *indexes, "{name}");
        let statements = sql.matches("\nCREATE ").count() + usize::from(sql.starts_with("CREATE "));
        assert_eq!(statements, 1 + indexes.len(), "{name}: nothing but these, and all can be repeated");
    }
}

#[test]
fn no_name_is_given_twice() {
    let all: Vec<&str> = names().into_iter().chain(indexes()).collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    for relation in RELATIONS {
        let triggers: Vec<&str> = relation.triggers().map(|trigger| trigger.name).collect();
        assert_eq!(triggers.iter().collect::<BTreeSet<_>>().len(), triggers.len(), "{}: {triggers:?}", relation.name);
    }
}

#[test]
fn every_function_is_as_the_install_script_declares_it() {
    const SCRIPT: &str = concat!(
        include_str!("../../../../sql/functions/guards.sql"),
        include_str!("../../../../sql/functions/recording.sql"),
        include_str!("../../../../sql/functions/reading.sql"),
        include_str!("../../../../sql/functions/operating.sql"),
        include_str!("../../../../sql/functions/tickets.sql"),
        include_str!("../../../../sql/functions/access_request.sql"),
        include_str!("../../../../sql/functions/retention.sql"),
        include_str!("../../../../sql/functions/deletion.sql"),
        include_str!("../../../../sql/functions/cold.sql"),
        include_str!("../../../../sql/functions/evidence.sql"),
        include_str!("../../../../sql/functions/proofs.sql"),
        include_str!("../../../../sql/functions/streams.sql"),
        include_str!("../../../../sql/functions/importing.sql"),
        include_str!("../../../../sql/functions/cluster.sql"),
        include_str!("../../../../sql/functions/ddl_guard.sql"),
        include_str!("../../../../sql/functions/capture.sql"),
    );
    let text = SCRIPT.replace("CREATE PROCEDURE ", "CREATE FUNCTION ");
    let declared: BTreeSet<(&str, &str, bool)> = text
        .split("CREATE FUNCTION ")
        .skip(1)
        .filter_map(|declaration| {
            let (name, rest) = declaration.split_once('(')?;
            let (body, symbol) = rest.split_once("AS 'MODULE_PATHNAME', '")?;
            // One of another language comes in between.
            (!body.contains(";\n")).then_some((name, symbol.split('\'').next()?, body.contains("SECURITY DEFINER")))
        })
        .collect();
    let known: BTreeSet<_> = FUNCTIONS.iter().map(|known| (known.name, known.symbol, known.is_definer)).collect();
    assert_eq!(declared, known);
}

#[test]
fn every_trigger_calls_a_function_of_ours_and_bears_a_name_of_ours() {
    let is_known = |name: &str| FUNCTIONS.iter().any(|function| function.name == name);
    for trigger in RELATIONS.iter().flat_map(TrailRelation::triggers) {
        assert!(is_known(trigger.function), "{}", trigger.function);
        assert!(is_name_of_trigger(trigger.name), "{}", trigger.name);
    }
    assert!(DDL_GUARD.iter().chain(&CAPTURE).all(|trigger| is_known(trigger.name)));
}

#[test]
fn every_table_can_be_made_in_a_database_of_any_encoding() {
    for relation in RELATIONS {
        assert!(relation.sql.is_ascii(), "{}", relation.name);
    }
}

#[test]
fn every_table_is_guarded() {
    for relation in stored().filter(|relation| relation.kind != ObjectKind::Sequence) {
        for operation in ["DELETE", "TRUNCATE"] {
            let guarded =
                relation.triggers().any(|guard| guard.fires.contains(operation) && guard.state == TriggerState::Always);
            assert!(guarded, "{operation} of {}", relation.name);
        }
        if relation.is_monthly() {
            assert!(relation.triggers().any(|guard| guard.is_on_partitions), "{}", relation.name);
        }
    }
}

#[test]
fn partitions_are_known_by_the_names_of_their_tables() {
    assert_eq!(partition_pattern(), "^(audit_events|audit_events_archive)_(default|[0-9]{4}_[0-9]{2})$");
}

/// What is written down of each release is just what the catalogue says was in it.
#[test]
fn every_release_has_what_was_there_by_then() {
    let number = |version: &str| version.split('.').map(|part| part.parse().unwrap()).collect::<Vec<u32>>();
    let releases = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/upgrade/released");
    let mut seen = 0;
    for file in std::fs::read_dir(releases).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        let Some(version) = name.strip_prefix("audit_ext--").and_then(|rest| rest.strip_suffix(".tables.sql")) else {
            continue;
        };
        let text = std::fs::read_to_string(file.path()).unwrap();
        for TrailRelation { name, kind, since, .. } in RELATIONS {
            let what = match kind {
                ObjectKind::Table | ObjectKind::Monthly => "TABLE",
                ObjectKind::View => "VIEW",
                ObjectKind::Sequence => "SEQUENCE",
            };
            let is_there = names_after(&text, &format!("CREATE {what} public.")).any(|made| made == *name);
            assert_eq!(is_there, number(since) <= number(version), "{name} in {version}: run make freeze");
        }
        seen += 1;
    }
    assert!(seen > 0);
}

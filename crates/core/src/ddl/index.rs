//! Indexes and extended statistics that somebody adds to tables of the trail.

use super::reason::Reason;
use super::verdict::Verdict;
use crate::catalogue::{ARCHIVE, EVENTS};
use crate::ddl::command::{Index, Ingredient};
use crate::ddl::subject::{Subject, SubjectKind};
use crate::event::column::ERASABLE;

/// Operators that cannot fail on any value of an event's columns.
const SAFE_OPERATORS: &[&str] =
    &["=", "<>", "<", "<=", ">", ">=", "->", "->>", "#>", "#>>", "@>", "<@", "&&", "?", "?|", "?&"];
const SAFE_FUNCTIONS: &[&str] = &["lower", "upper"];

/// Samples of payload would outlive its erasure.
pub fn is_payload(subject: &Subject, column: &str) -> bool {
    let holds_events = subject.kind == SubjectKind::Partition || [EVENTS, ARCHIVE].contains(&subject.name.as_str());
    holds_events && ERASABLE.iter().any(|payload| payload.name() == column)
}

fn names_payload(subject: &Subject, ingredient: &Ingredient) -> bool {
    matches!(ingredient, Ingredient::Column(name) if is_payload(subject, name))
}

/// An index of somebody's own must never be the reason that an event cannot be recorded.
pub fn create_index(index: &Index) -> Verdict {
    if index.unique {
        return Verdict::Refuse(Reason::UniqueIndex);
    }
    if !index.ingredients.iter().all(is_safe) {
        return Verdict::Refuse(Reason::IndexExpression);
    }
    // Whose operators they are is known once the index is there; one made concurrently cannot be rolled back then.
    let is_plain = |ingredient: &Ingredient| matches!(ingredient, Ingredient::Plain | Ingredient::Column(_));
    if index.concurrently && !index.ingredients.iter().all(is_plain) {
        return Verdict::Refuse(Reason::ConcurrentIndexExpression);
    }
    Verdict::Record("AUDIT_DDL_INDEX_CREATED")
}

/// Statistics run expressions whenever the table is analysed, and keep what they find.
pub fn create_statistics(subject: &Subject, ingredients: &[Ingredient]) -> Verdict {
    if !ingredients.iter().all(is_safe) {
        Verdict::Refuse(Reason::StatisticsExpression)
    } else if ingredients.iter().any(|ingredient| names_payload(subject, ingredient)) {
        Verdict::Refuse(Reason::PayloadStatistics)
    } else {
        Verdict::Record("AUDIT_DDL_STATISTICS_CREATED")
    }
}

fn is_safe(ingredient: &Ingredient) -> bool {
    match ingredient {
        Ingredient::Plain | Ingredient::Column(_) => true,
        // Whose it is is known once the index is there.
        Ingredient::OperatorClass => true,
        Ingredient::Operator(name) => SAFE_OPERATORS.contains(&name.as_str()),
        Ingredient::Function(name) => SAFE_FUNCTIONS.contains(&name.as_str()),
        Ingredient::Other => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_must_not_be_able_to_refuse_an_event() {
        let index = |ingredients: &[Ingredient], concurrently| {
            create_index(&Index { unique: false, concurrently, ingredients: ingredients.to_vec() })
        };
        let made = Verdict::Record("AUDIT_DDL_INDEX_CREATED");
        assert_eq!(index(&[], true), made);
        assert_eq!(index(&[Ingredient::Plain], true), made);
        assert_eq!(index(&[Ingredient::Operator("->>".into()), Ingredient::Function("lower".into())], false), made);
        assert_eq!(
            index(&[Ingredient::Operator("->>".into())], true),
            Verdict::Refuse(Reason::ConcurrentIndexExpression)
        );
        for bad in [Ingredient::Operator("/".into()), Ingredient::Function("pg_sleep".into()), Ingredient::Other] {
            assert_eq!(index(&[bad], false), Verdict::Refuse(Reason::IndexExpression));
        }
        assert_eq!(
            create_index(&Index { unique: true, concurrently: false, ingredients: vec![] }),
            Verdict::Refuse(Reason::UniqueIndex)
        );
        let events = Subject { kind: SubjectKind::Table, name: EVENTS.to_owned(), owner: None };
        let statistics = |ingredient| create_statistics(&events, &[ingredient]);
        assert_eq!(statistics(Ingredient::Plain), Verdict::Record("AUDIT_DDL_STATISTICS_CREATED"));
        assert_eq!(statistics(Ingredient::Other), Verdict::Refuse(Reason::StatisticsExpression));
        assert_eq!(statistics(Ingredient::Column("metadata".into())), Verdict::Refuse(Reason::PayloadStatistics));
        assert_eq!(index(&[Ingredient::OperatorClass], false), made, "whose it is is asked afterwards");
        assert_eq!(index(&[Ingredient::OperatorClass], true), Verdict::Refuse(Reason::ConcurrentIndexExpression));
    }
}

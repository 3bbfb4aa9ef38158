//! What is told of what was done: a line for each object, in words or as JSON.

use std::io::Write;

use serde_json::{Map, Value, json};

pub struct Report {
    is_json: bool,
    /// Whether anything was told that somebody should look at.
    has_findings: bool,
}

impl Report {
    pub fn new(is_json: bool) -> Report {
        Report { is_json, has_findings: false }
    }

    pub fn has_findings(&self) -> bool {
        self.has_findings
    }

    /// Something was done, or is.
    pub fn tell(&mut self, what: &str, facts: Value) {
        self.write(what, facts);
    }

    /// Something is not as it should be.
    pub fn warn(&mut self, what: &str, facts: Value) {
        self.has_findings = true;
        self.write(what, facts);
    }

    /// A document, as it is.
    pub fn show(&self, document: &Value) {
        let text = if self.is_json { document.to_string() } else { format!("{document:#}") };
        print(&text);
    }

    fn write(&self, what: &str, facts: Value) {
        let line = if self.is_json { in_json(what, facts) } else { in_words(what, &facts) };
        print(&line);
    }
}

pub fn print(line: &str) {
    // Whoever closed the pipe has read what they wanted.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// To standard error; where nobody can read that, the exit code still says it.
pub fn complain(problem: &str) {
    let _ = writeln!(std::io::stderr(), "audit-cold: {problem}");
}

fn in_json(what: &str, facts: Value) -> String {
    let mut line = Map::from_iter([("what".to_owned(), json!(what))]);
    if let Value::Object(facts) = facts {
        line.extend(facts);
    }
    Value::Object(line).to_string()
}

/// What is told first, because it is looked for.
const FIRST: [&str; 5] = ["workspace", "month", "object", "events", "bytes"];

/// `stored object=… events=100`; what has blanks is in quotes.
fn in_words(what: &str, facts: &Value) -> String {
    let mut facts: Vec<_> = facts.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()).collect();
    facts.sort_by_key(|(name, _)| FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len()));
    facts.into_iter().fold(what.to_owned(), |line, (name, value)| {
        let value = match value {
            Value::String(text) if !text.contains([' ', '\n', '"']) => text.clone(),
            other => other.to_string(),
        };
        format!("{line} {name}={value}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_for_people_or_programs() {
        let facts = json!({"events": 2, "month": "2026-01", "problem": "not \"there\"", "none": null});
        assert_eq!(in_words("missing", &facts), r#"missing month=2026-01 events=2 problem="not \"there\"""#);
        let line: Value = serde_json::from_str(&in_json("missing", facts)).unwrap();
        assert_eq!(line["what"], "missing");
        assert_eq!(line["events"], 2);
    }
}

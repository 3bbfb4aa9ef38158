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

    fn write(&self, what: &str, facts: Value) {
        let line = if self.is_json { in_json(what, facts) } else { in_words(what, &facts) };
        // Whoever closed the pipe has read what they wanted.
        let _ = writeln!(std::io::stdout(), "{line}");
    }
}

fn in_json(what: &str, facts: Value) -> String {
    let mut line = Map::from_iter([("what".to_owned(), json!(what))]);
    if let Value::Object(facts) = facts {
        line.extend(facts);
    }
    Value::Object(line).to_string()
}

/// `stored object=… events=100`; what has blanks is in quotes.
fn in_words(what: &str, facts: &Value) -> String {
    let facts = facts.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    facts.fold(what.to_owned(), |line, (name, value)| {
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
        assert_eq!(in_words("missing", &facts), r#"missing events=2 month=2026-01 problem="not \"there\"""#);
        let line: Value = serde_json::from_str(&in_json("missing", facts)).unwrap();
        assert_eq!(line["what"], "missing");
        assert_eq!(line["events"], 2);
    }
}

//! Reads a text[] as PostgreSQL prints it. <https://www.postgresql.org/docs/18/arrays.html#ARRAYS-IO>

use std::iter::Peekable;
use std::str::Chars;

/// The literal as a JSON array, arrays of several dimensions as arrays of arrays. Other lower bounds than 1 (`[0:1]={a,b}`) are not told.
/// None where it is no such literal.
pub fn to_json(literal: &str) -> Option<String> {
    let mut out = String::with_capacity(literal.len() + 8);
    let mut rest = body(literal)?.chars().peekable();
    elements(&mut rest, &mut out)?;
    rest.next().is_none().then_some(out)
}

/// The elements in order, of whatever dimension; NULLs are None.
pub fn flat(literal: &str) -> Vec<Option<String>> {
    let values: Option<serde_json::Value> = to_json(literal).and_then(|json| serde_json::from_str(&json).ok());
    let mut found = Vec::new();
    gather(values.unwrap_or_default(), &mut found);
    found
}

fn gather(value: serde_json::Value, found: &mut Vec<Option<String>>) {
    match value {
        serde_json::Value::Array(values) => values.into_iter().for_each(|value| gather(value, found)),
        serde_json::Value::String(text) => found.push(Some(text)),
        _ => found.push(None),
    }
}

/// What follows the bounds.
fn body(literal: &str) -> Option<&str> {
    if literal.starts_with('[') { Some(literal.split_once('=')?.1) } else { Some(literal) }
}

fn elements(rest: &mut Peekable<Chars>, out: &mut String) -> Option<()> {
    (rest.next()? == '{').then_some(())?;
    out.push('[');
    let mut first = true;
    loop {
        match rest.peek()? {
            '}' => {
                rest.next();
                out.push(']');
                return Some(());
            }
            ',' if !first => {
                rest.next();
                out.push(',');
            }
            _ if !first => return None,
            _ => (),
        }
        first = false;
        match rest.peek()? {
            '{' => elements(rest, out)?,
            '"' => out.push_str(&quote(&quoted(rest)?)),
            _ => match bare(rest)?.as_str() {
                "NULL" => out.push_str("null"),
                text => out.push_str(&quote(text)),
            },
        }
    }
}

fn quoted(rest: &mut Peekable<Chars>) -> Option<String> {
    rest.next();
    let mut text = String::new();
    loop {
        match rest.next()? {
            '"' => return Some(text),
            '\\' => text.push(rest.next()?),
            letter => text.push(letter),
        }
    }
}

fn bare(rest: &mut Peekable<Chars>) -> Option<String> {
    let mut text = String::new();
    while !matches!(rest.peek()?, ',' | '}') {
        text.push(rest.next()?);
    }
    (!text.is_empty()).then_some(text)
}

fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_become_arrays() {
        for (literal, json) in [
            ("{}", "[]"),
            ("{a}", r#"["a"]"#),
            ("{a,NULL,\"NULL\",\"\"}", r#"["a",null,"NULL",""]"#),
            (r#"{"b \"c\"","back\\slash","{}",","}"#, r#"["b \"c\"","back\\slash","{}",","]"#),
            ("{{a,b},{c,d}}", r#"[["a","b"],["c","d"]]"#),
            ("[0:1]={a,b}", r#"["a","b"]"#),
            ("{\"a\nb\"}", r#"["a\nb"]"#),
        ] {
            assert_eq!(to_json(literal).as_deref(), Some(json), "{literal}");
        }
    }

    #[test]
    fn what_is_no_literal_is_none() {
        for text in ["", "a", "{", "{a", "{a,", "{a,}", "{\"a}", "{a}b", "{,a}", "[0:1]", "{{a}{b}}"] {
            assert_eq!(to_json(text), None, "{text}");
        }
    }

    #[test]
    fn elements_are_listed_whatever_the_dimension() {
        assert_eq!(flat("{{a,NULL},{b,c}}"), [Some("a".into()), None, Some("b".into()), Some("c".into())]);
    }
}

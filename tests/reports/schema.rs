//! As much of JSON Schema 2020-12 as the report's schema uses. A keyword that is not known here is an error, so that none
//! is passed over in silence.

use serde_json::{Map, Value};

/// Why a value does not have the shape that the schema says, with the places of both.
pub(crate) fn validate(schema: &Value, value: &Value) -> Result<(), String> {
    Validator { root: schema }.check(schema, value, "$")
}

struct Validator<'a> {
    root: &'a Value,
}

impl Validator<'_> {
    fn check(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let keywords = schema.as_object().ok_or_else(|| format!("{at}: a schema must be an object, not {schema}"))?;
        keywords.iter().try_for_each(|(keyword, says)| self.keyword(keywords, keyword, says, value, at))
    }

    fn keyword(
        &self,
        all: &Map<String, Value>,
        keyword: &str,
        says: &Value,
        value: &Value,
        at: &str,
    ) -> Result<(), String> {
        let holds = match (keyword, value) {
            ("$schema" | "title" | "description" | "$defs", _) => true,
            ("$ref", _) => {
                let path = says.as_str().and_then(|path| path.strip_prefix('#')).unwrap_or("?");
                let target = self.root.pointer(path).ok_or_else(|| format!("no {says} in the schema"))?;
                return self.check(target, value, at);
            }
            ("type", _) => match says {
                Value::Array(several) => several.iter().any(|one| has_type(one, value)),
                one => has_type(one, value),
            },
            ("const", _) => says == value,
            ("enum", _) => list(says).contains(value),
            ("oneOf", _) => {
                let tried: Vec<_> = list(says).iter().map(|one| self.check(one, value, at)).collect();
                if tried.iter().filter(|result| result.is_ok()).count() != 1 {
                    let why: Vec<String> = tried.into_iter().filter_map(Result::err).collect();
                    return Err(format!("{at}: not exactly one of the alternatives: {}", why.join(" | ")));
                }
                true
            }
            ("minimum", Value::Number(number)) => number.as_f64() >= says.as_f64(),
            ("minItems", Value::Array(items)) => items.len() as u64 >= says.as_u64().unwrap_or(u64::MAX),
            ("items", Value::Array(items)) => {
                let mut each = items.iter().enumerate();
                return each.try_for_each(|(i, item)| self.check(says, item, &format!("{at}[{i}]")));
            }
            ("required", Value::Object(fields)) => {
                let missing = list(says).iter().filter_map(Value::as_str).find(|key| !fields.contains_key(*key));
                return missing.map_or(Ok(()), |key| Err(format!("{at}: `{key}` is missing")));
            }
            ("properties", Value::Object(fields)) => {
                let known = says.as_object().ok_or("`properties` must be an object")?;
                let mut present = known.iter().filter_map(|(key, schema)| Some((key, schema, fields.get(key)?)));
                return present.try_for_each(|(key, schema, field)| self.check(schema, field, &format!("{at}.{key}")));
            }
            ("additionalProperties", Value::Object(fields)) if says == &Value::Bool(false) => {
                let known = all.get("properties").and_then(Value::as_object);
                let extra = fields.keys().find(|key| !known.is_some_and(|known| known.contains_key(*key)));
                return extra.map_or(Ok(()), |key| Err(format!("{at}: `{key}` is not in the schema")));
            }
            // Said of another type, and so of no concern here.
            ("minimum" | "minItems" | "items" | "required" | "properties", _) => true,
            ("additionalProperties", _) if says == &Value::Bool(false) => true,
            _ => return Err(format!("the keyword `{keyword}` is not known here")),
        };
        if holds { Ok(()) } else { Err(format!("{at}: {value} breaks {keyword} {says}")) }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn has_type(name: &Value, value: &Value) -> bool {
    match name.as_str() {
        Some("null") => value.is_null(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("number") => value.is_number(),
        Some("string") => value.is_string(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => false,
    }
}

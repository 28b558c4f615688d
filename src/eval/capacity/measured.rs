//! Tokens of a turn as evaluations measured them.

use serde_json::Value;

/// Mean tokens of prompts and of replies over the turns that a model was asked in, and how many these are; none where there
/// is no such turn. Cases are the JSON that runs keep.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "tokens and turns are far fewer than 2^53")]
pub fn measured(cases: &[&str]) -> Option<(f64, f64, usize)> {
    let (mut prompt, mut completion, mut turns) = (0, 0, 0_usize);
    for case in cases.iter().filter_map(|text| serde_json::from_str::<Value>(text).ok()) {
        for turn in case["turns"].as_array().into_iter().flatten() {
            let tokens = |name: &str| turn[name].as_u64().unwrap_or(0);
            if tokens("prompt_tokens") > 0 && tokens("completion_tokens") > 0 {
                prompt += tokens("prompt_tokens");
                completion += tokens("completion_tokens");
                turns += 1;
            }
        }
    }
    (turns > 0).then(|| (prompt as f64 / turns as f64, completion as f64 / turns as f64, turns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_turns_that_a_model_was_asked_in_count() {
        let cases = [
            r#"{"turns": [{"prompt_tokens": 1000, "completion_tokens": 100}, {"prompt_tokens": 0, "completion_tokens": 0}]}"#,
            r#"{"turns": [{"prompt_tokens": 2000, "completion_tokens": 200}]}"#,
            "not JSON",
        ];
        assert_eq!(measured(&cases), Some((1500.0, 150.0, 2)));
        assert_eq!(measured(&cases[2..]), None);
    }
}

//! The plan of a statement as text that says nothing of this machine.

use std::sync::Arc;

use datafusion::physical_plan::{ExecutionPlan, displayable};

/// What names files in the line of an operator, and what follows the names.
const FILES: (&str, &str) = ("file_groups={", "}, projection=");

/// How the ranges of keys begin in which a table is read, what stands before the keys, and what follows them.
const RANGES: (&str, &str, &str) = ("Range([", "], [", "], ");

/// The operators, one a line, those that feed another indented below it.
pub(super) fn text(plan: &Arc<dyn ExecutionPlan>) -> String {
    let mut lines = Vec::new();
    add(plan, 0, &mut lines);
    lines.join("\n")
}

fn add(plan: &Arc<dyn ExecutionPlan>, depth: usize, lines: &mut Vec<String>) {
    let line = displayable(plan.as_ref()).one_line().to_string();
    lines.push(format!("{}{}", "  ".repeat(depth), without_files(line.trim_end(), plan.name())));
    for child in plan.children() {
        add(child, depth + 1, lines);
    }
}

/// A line without the names of files; the operator's name alone where they cannot be told from the rest.
fn without_files(line: &str, name: &str) -> String {
    let Some(start) = line.find(FILES.0) else { return without_keys(line, name) };
    match line.rfind(FILES.1) {
        Some(end) if end > start => without_keys(&format!("{}{}", &line[..start], &line[end + "}, ".len()..]), name),
        _ => name.to_owned(),
    }
}

/// A line without the keys where ranges are cut: they are customers'. The operator's name alone where they cannot be
/// told from the rest.
fn without_keys(line: &str, name: &str) -> String {
    let Some((before, ranges)) = line.split_once(RANGES.0) else { return line.to_owned() };
    let keys = ranges.split_once(RANGES.1).and_then(|(by, keys)| Some((by, keys.split_once(RANGES.2)?.1)));
    match keys {
        Some((by, after)) => format!("{before}{}{by}], {}", RANGES.0, without_keys(after, name)),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_is_told() {
        let line =
            "DataSourceExec: file_groups={1 group: [[tmp/a}, b/x.parquet]]}, projection=[age], file_type=parquet";
        assert_eq!(without_files(line, "DataSourceExec"), "DataSourceExec: projection=[age], file_type=parquet");
        let ranged = "DataSourceExec: file_groups={2 groups: [[a], [b]]}, projection=[age], \
            output_partitioning=Range([id@0 ASC], [(17), (34)], 3), file_type=parquet";
        assert_eq!(
            without_files(ranged, "DataSourceExec"),
            "DataSourceExec: projection=[age], output_partitioning=Range([id@0 ASC], 3), file_type=parquet"
        );
        assert_eq!(without_files("DataSourceExec: file_groups={[[x]]}", "DataSourceExec"), "DataSourceExec");
        assert_eq!(without_files("FilterExec: age@0 = 1", "FilterExec"), "FilterExec: age@0 = 1");
    }
}

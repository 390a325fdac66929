//! A language that nobody speaks: English with accents, and longer by what other languages need. Text that is not translated stays
//! plain in it, and text that has too little room is cut off: both are seen at a glance.

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Resource};
use fluent_syntax::{parser, serializer};

/// Its tag.
pub const TAG: &str = "en-XA";

/// Its texts, made from the English ones.
pub(super) fn texts(english: &str) -> String {
    let mut resource = parser::parse(english.to_owned()).unwrap_or_else(|(resource, _)| resource);
    disguise_all(&mut resource);
    serializer::serialize(&resource)
}

fn disguise_all(resource: &mut Resource<String>) {
    for entry in &mut resource.body {
        if let Entry::Message(message) = entry
            && let Some(pattern) = &mut message.value
        {
            disguise(pattern);
        }
    }
}

fn disguise(pattern: &mut Pattern<String>) {
    for element in &mut pattern.elements {
        match element {
            PatternElement::TextElement { value } => *value = accented(value),
            PatternElement::Placeable { expression: Expression::Select { variants, .. } } => {
                variants.iter_mut().for_each(|variant| disguise(&mut variant.value));
            }
            PatternElement::Placeable { expression: Expression::Inline(InlineExpression::Placeable { .. } | _) } => {}
        }
    }
}

/// Accents on vowels, each of which stands twice where the word is long.
fn accented(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for word in text.split_inclusive(char::is_whitespace) {
        let long = word.chars().count() > 4;
        for letter in word.chars() {
            let accent = match letter {
                'a' => 'á',
                'e' => 'ê',
                'i' => 'ï',
                'o' => 'ö',
                'u' => 'û',
                'A' => 'Â',
                'E' => 'Ë',
                'I' => 'Ï',
                'O' => 'Ö',
                'U' => 'Ü',
                other => other,
            };
            out.push(accent);
            if long && accent != letter && accent.is_lowercase() {
                out.push(accent);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_longer_and_what_stands_in_braces_is_left_alone() {
        let english = "greeting = Hello, { $name }\ncount = { $n ->\n    [one] One question\n   *[other] { $n } questions\n}\n";
        let pseudo = texts(english);
        assert!(pseudo.contains("Hêêllöö, { $name }"), "{pseudo}");
        assert!(pseudo.contains("{ $n } qûûêêstïïööns"), "{pseudo}");
        assert!(pseudo.contains("[one] Önê qûûêêstïïöön"), "{pseudo}");
        assert!(pseudo.contains("$n ->"), "{pseudo}");
    }
}

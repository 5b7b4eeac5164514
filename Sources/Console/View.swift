import Mustache

/// What a template shows: its stored properties, by their names.
///
/// An empty text, as one that is not there, leaves its section out. A name that a view does not have is looked for in the
/// views around it, and in the end in the ``Frame``.
protocol View: MustacheParent, Sendable {}

extension View {
    func child(named name: String) -> Any? {
        Mirror(reflecting: self).children.first { $0.label == name }.map { Value.of($0.value) }
    }
}

/// A property's value as the template library takes it.
private enum Value {
    /// Nothing to show, and no section.
    private struct Nothing: MustacheCustomRenderable {
        let renderText = ""
        let isNull = true
    }

    static func of(_ value: Any) -> Any {
        if let text = value as? String { return text.isEmpty ? Nothing() : DisplayText.harmless(text) }
        let mirror = Mirror(reflecting: value)
        guard mirror.displayStyle == .optional else { return value }
        return mirror.children.first.map { of($0.value) } ?? Nothing()
    }
}

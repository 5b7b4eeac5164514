import JSON

/// How much may still be done: a bound on work that follows from several factors of a request, such as its operations, the
/// values that they look at and the terms of their filters.
///
/// One unit is about ten nanoseconds of a processor. Whoever works takes units first, and stops once there are none left: what
/// came out by then counts for nothing.
package struct WorkBudget: Sendable, Hashable {
    /// What is left; below zero when more was needed.
    package private(set) var units: Int

    package init(_ units: Int) { self.units = units }

    /// For the values of a sub-attribute: they are simple, so that no two of them are alike, and finding one is a look-up.
    static let ofSimpleValues = WorkBudget(.max)
    /// For what a filter alone decides, whose length is limited.
    static let ofLiterals = WorkBudget(.max)

    /// Whether more was needed than there was.
    package var isSpent: Bool { units < 0 }

    /// Takes units, which may be more than there are.
    package mutating func spend(_ count: Int) { units -= count }
}

extension SCIMError {
    /// Why a request is refused whose operations, or names, cost more than ``PatchLimits/workMax``.
    package static let tooMuchWork = SCIMError(
        .tooMany,
        """
        The request compares more values with more terms of filters than the server is ready to in one request: send fewer \
        operations at a time, or shorter filters.
        """
    )
}

/// What work costs, in the units of ``WorkBudget``.
package enum WorkCost {
    /// Looking at a value, whatever it is.
    static let value = 8
    /// Reading a date, or a number.
    static let conversion = 12
    /// Going over the elements of a list to change one of them.
    static let element = 24

    /// Comparing a text of so many bytes: others than ASCII have to be put in a common form.
    static func text(bytes: Int, isASCII: Bool) -> Int { value + (isASCII ? bytes / 4 : bytes * 36) }

    /// Reading a JSON text of so many bytes into values.
    package static func parsing(bytes: Int) -> Int { bytes }

    /// Writing values as a JSON text of so many bytes.
    package static func writing(bytes: Int) -> Int { bytes / 2 }

    /// Copying so many bytes.
    package static func copying(bytes: Int) -> Int { bytes / 16 }
}

extension JSONValue {
    /// What it costs to go over all that the value holds, and to compare it.
    var workCost: Int {
        switch self {
        case .null, .bool: WorkCost.value
        case .number(let number): WorkCost.value + number.text.utf8.count / 8
        case .string(let text):
            WorkCost.text(bytes: text.utf8.count, isASCII: text.isASCII)
        case .array(let elements): elements.reduce(WorkCost.value) { $0 + WorkCost.element + $1.workCost }
        case .object(let object): object.members.reduce(WorkCost.value) { $0 + $1.value.workCost }
        }
    }
}

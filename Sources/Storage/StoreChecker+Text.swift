extension StoreChecker.Finding: CustomStringConvertible {
    /// A sentence for the operator; keys are shown in hexadecimal digits.
    package var description: String {
        switch self {
        case .damagedRow(let key): "row \(Self.hex(key)): its checksum does not fit"
        case .malformedRow(let key): "row \(Self.hex(key)): it does not have its form"
        case .edgeWithoutTwin(let edge): "membership \(Self.text(edge)): it is there from one end only"
        case .edgeKindsDiffer(let edge): "membership \(Self.text(edge)): its two ends name different kinds"
        case .missingLogRow(let order): "audit log: record \(order) is missing"
        case .logRowBeyondEnd(let order): "audit log: record \(order) is beyond the last one"
        case .sequenceBroken(let stream, let order, let expected, let found):
            "audit log: record \(order) of \(stream) has number \(found) in place of \(expected)"
        case .commitsOutOfOrder(let order): "audit log: record \(order) is older than the one before it"
        case .headDisagrees(let stream):
            "audit log: the last record of \(stream) is not the one that the store names"
        }
    }

    private static func text(_ edge: Edge) -> String {
        "of \(edge.member.text) in \(edge.container.text), space \(edge.space)"
    }

    private static func hex(_ key: Key) -> String {
        let digits = key.bytes.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        return digits.joined()
    }
}

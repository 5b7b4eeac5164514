/// A directed edge of a space: the container holds the member.
///
/// Its two rows are kept together by the engine.
package struct Edge: Sendable, Hashable {
    package let space: UInt32
    package let container: UniqueID
    package let member: UniqueID

    package init(space: UInt32, container: UniqueID, member: UniqueID) {
        self.space = space
        self.container = container
        self.member = member
    }
}

/// Edges of one container, in sixteen bytes each.
package struct Edges: Sendable {
    package let space: UInt32
    package let container: UniqueID
    /// Best in ascending order: each row is then written beside the one before it.
    package let members: [UniqueID]

    package init(space: UInt32, container: UniqueID, members: [UniqueID]) {
        self.space = space
        self.container = container
        self.members = members
    }

    /// One edge after the other.
    var each: some Sequence<Edge> {
        members.lazy.map { Edge(space: space, container: container, member: $0) }
    }
}

extension Mutation {
    /// Writes one edge.
    package static func link(_ edge: Edge, kind: UInt8) -> Mutation {
        .link(Edges(space: edge.space, container: edge.container, members: [edge.member]), kind: kind)
    }

    /// Deletes one edge.
    package static func unlink(_ edge: Edge) -> Mutation {
        .unlink(Edges(space: edge.space, container: edge.container, members: [edge.member]))
    }
}

/// The keys of edges.
///
/// Each edge has two rows, so that both ends find it; the value of both is the kind, one byte.
///
///     04 ‖ space ‖ container ‖ member → kind      the members of a container, ordered by member
///     05 ‖ space ‖ member ‖ container → kind      the containers of a member, ordered by container
package enum EdgeKeys {
    /// The prefix of the rows that lead from a container to its members.
    package static func members(of container: UniqueID, space: UInt32) -> Key {
        key(ReservedKeys.edge, space, container, nil)
    }

    /// The prefix of the rows that lead from a member to its containers.
    package static func containers(of member: UniqueID, space: UInt32) -> Key {
        key(ReservedKeys.twin, space, member, nil)
    }

    /// The key of an edge's row under its container: read it to ask whether the edge is there.
    package static func edge(_ edge: Edge) -> Key {
        key(ReservedKeys.edge, edge.space, edge.container, edge.member)
    }

    /// The key of an edge's twin under its member.
    package static func twin(_ edge: Edge) -> Key {
        key(ReservedKeys.twin, edge.space, edge.member, edge.container)
    }

    /// The member that a key under ``members(of:space:)`` leads to; nil for any other key.
    package static func member(fromKey key: Span<UInt8>) -> UniqueID? {
        guard key.count == keyByteCount, key[0] == ReservedKeys.edge else { return nil }
        return UniqueID(bytes: key, at: farEndOffset)
    }

    /// The container that a key under ``containers(of:space:)`` leads to; nil for any other key.
    package static func container(fromKey key: Span<UInt8>) -> UniqueID? {
        guard key.count == keyByteCount, key[0] == ReservedKeys.twin else { return nil }
        return UniqueID(bytes: key, at: farEndOffset)
    }

    /// The edge that either of its two keys stands for; nil for any other key.
    package static func edge(fromKey key: Span<UInt8>) -> Edge? {
        guard key.count == keyByteCount,
            let near = UniqueID(bytes: key, at: nearEndOffset),
            let far = UniqueID(bytes: key, at: farEndOffset)
        else { return nil }
        let space = key.bigEndian32(at: 1)
        return switch key[0] {
        case ReservedKeys.edge: Edge(space: space, container: near, member: far)
        case ReservedKeys.twin: Edge(space: space, container: far, member: near)
        default: nil
        }
    }

    package static let edges = Key([ReservedKeys.edge])
    package static let twins = Key([ReservedKeys.twin])

    private static let nearEndOffset = 5
    private static let farEndOffset = 21
    package static let keyByteCount = 37

    private static func key(_ first: UInt8, _ space: UInt32, _ near: UniqueID, _ far: UniqueID?) -> Key {
        Key(
            [UInt8](room: keyByteCount) { free in
                free.append(first)
                free.appendBigEndian(space)
                near.append(bytesTo: &free)
                far?.append(bytesTo: &free)
            }
        )
    }
}

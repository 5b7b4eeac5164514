/// The attributes of a request that no schema of the type defines, in the client's spelling and without values.
package struct IgnoredPaths {
    /// How many are named; further ones are dropped.
    package static let countMax = 64

    package private(set) var paths: [AttributePath] = []

    package mutating func note(_ path: AttributePath) {
        if paths.count < Self.countMax, !paths.contains(path) { paths.append(path) }
    }

    package mutating func note(_ more: [AttributePath]) { for path in more { note(path) } }
}

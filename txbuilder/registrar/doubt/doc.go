// Package doubt lets a home that cannot know what it sent of late start no preorder for some
// blocks.
package doubt

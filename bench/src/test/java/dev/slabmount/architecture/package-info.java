/**
 * The rules of the house, checked on every build.
 *
 * <p>{@link dev.slabmount.architecture.Rooms} says which modules there are and what each may use;
 * {@link dev.slabmount.architecture.HouseRules} are the rules over compiled classes, {@link
 * dev.slabmount.architecture.SourceRules} those over source text. Each rule is applied to the house
 * and also to a small piece of code that breaks it, so that a rule which can no longer fail is
 * noticed.
 */
package dev.slabmount.architecture;

/** A day, in milliseconds: the unit of waiting periods, rotation and expiry. */
export const day = 86_400_000

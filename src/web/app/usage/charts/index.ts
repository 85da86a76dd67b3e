export { DayChart } from "./DayChart";
export { PointChart } from "./PointChart";
export { UserChart } from "./UserChart";

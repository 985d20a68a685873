// What every page does with script; all of it reads and submits without.
import "./navigation";
import "./dialogs";
import "./forms";
import "./copying";
import "./time";
import "./help";
import "./joining";
